"""Bundles: a case with the proof that the log holds it, for whoever trusts neither (docs/bundle.md)."""
