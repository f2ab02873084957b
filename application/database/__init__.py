"""The way to PostgreSQL: the embedded server or an existing one, its roles, its migrations.

``connect.open_database`` is the one door. Nothing here knows a table, an event or a projection.
"""
