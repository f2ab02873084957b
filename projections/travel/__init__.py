"""What was: things as they were at a moment or a version, and what changed from one to another (B01, B02).

Nothing here is a view: it is replayed from the log each time, by way of kept states where streams are long.
"""
