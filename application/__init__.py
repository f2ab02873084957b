"""What a person or a process may ask for: one module per aggregate, and the log beneath them.

May import ``domain``. Knows nothing of HTTP, of the console or of any read model: a command never reads
a projection to decide.
"""
