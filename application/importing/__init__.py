"""Another system's files: histories in, tickets with their whole past out; and lists, of parts for example.

``mapping`` says what a file means, ``csv`` and ``xes`` read its rows, ``reading`` turns a row into a source
event, ``spill`` brings the events of a case together, ``cases`` tells a case in the ticket's own decisions,
``run`` records it and ``report`` counts. Only ``run`` touches the log. ``lists`` is the same for lists.
"""
