"""Photos and files, kept by the hash of their content beside the log; events name them by it."""
