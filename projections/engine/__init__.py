"""Moves projections along the log: batches, positions, leadership, failures, rebuilds, waiting.

Knows no event and no read model; those are in the packages beside it.
"""
