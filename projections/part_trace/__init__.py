"""Where lots and serial numbers came from and went to, and whom they reached; and back (R18)."""
