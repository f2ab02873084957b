"""Builds a projection anew beside the one that readers see, and puts it in its place.

The new tables stand in a schema of their own. They are loaded in bulk, stream by stream, by two processes;
then they follow the log like any others, are compared with the old ones, and take their place in one
transaction. Nothing of it is seen before that, and what a killed rebuild leaves behind is thrown away by the
next one.
"""
