"""History from another system: a file and a mapping in, tickets with their whole past out.

``mapping`` says what a file means, ``csv`` and ``xes`` read its rows, ``reading`` turns a row into a source
event, ``spill`` brings the events of a case together, ``cases`` tells a case in the ticket's own decisions,
``run`` records it and ``report`` counts. Only ``run`` touches the log.
"""
