"""Servers, workers and the database die under load; what was answered is there, once, and adds up.

The long form is a program, ``make faults``; the short form is a test. Both are the same load, the same
deaths and the same proofs. Nothing in here reaches into the processes: it starts, asks, kills and looks.
"""
