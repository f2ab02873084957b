"""A spare part (备件): one part number, its catalogue entry and its stock in every place.

One stream holds all of it, so a transfer is one event and a serial number is in one place. ``words`` and
``goods`` are what the rest is said with, ``events`` say what can happen, ``movements`` how much of it moves
where, ``state`` what the part then is; ``storekeeping`` and ``usage`` what may be asked of it.

Quantities are whole numbers of the part's smallest unit, the one its catalogue entry names.
"""
