"""The contract book: every maintenance contract, what it still includes and until when it counts (R13)."""
