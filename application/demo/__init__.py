"""The demo: an invented firm and a year of its service, told through the same commands as users send.

What is said lives in the TOML files; the modules decide when it happens. Same seed and same ``now``, same
history. ``chronicle`` is all of it in the order of time; only ``seed`` and ``telling`` touch the log.
"""
