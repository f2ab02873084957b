"""What the book of promises says, for readers. It is small and at hand, so no tables are kept of it."""
