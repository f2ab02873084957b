"""What people read: one package per read model, with its tables, how it folds events, and its queries.

``engine`` moves them all along the log. May import ``domain`` and, to read the log, ``application.log``;
nothing that decides may import a read model.
"""
