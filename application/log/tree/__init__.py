"""The tree over the log: its root stands for every event up to a position, and says so to strangers.

``merkle`` is the arithmetic, ``notes`` the signed text; both know nothing of the database. ``proofs`` answers
from what is stored. ``signing`` makes checkpoints; ``publishing`` and ``witnesses`` carry them to where the
owner of the database cannot reach. docs/log-format.md says what all of it proves.
"""
