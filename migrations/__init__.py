"""The database's history: numbered SQL files, applied in order by ``application.database.migrate``.

Forward only, each in one transaction with limits on locks and time. A file writes every name with its
schema, works while the previous release still runs, and is never changed once it has been released.
"""
