"""The rules of after-sales service, as pure functions over immutable values.

One package per aggregate: its events, its state, its decisions. Beside them the working-time calendar,
the clocks and the service plans. Nothing here reads a clock, a file, a database or a random number:
times, ids and numbers are handed in. Only the standard library and msgspec may be imported.
"""
