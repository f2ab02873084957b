"""What was: what happened to a case, things as they were at a time or a version, what changed (B01, B02).

Nothing here is a view: it is read from the log each time, by way of kept states where streams are long.
"""
