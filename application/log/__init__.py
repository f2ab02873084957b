"""The event log: how facts become bytes, how bytes are committed, how they are read back.

``committer`` is the only writer. ``event_log`` is the asynchronous door for the service, ``library`` the
same log as the ``eventsourcing`` library's recorders, factory and application.
"""
