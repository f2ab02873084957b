"""Lists from another system: the part master, opening stock and contracts.

``fields`` says what a row can say and what its columns are called, ``mapping`` what a file calls them
otherwise, ``values`` reads single values, ``reading`` a whole row. ``parts``, ``stock`` and ``contracts``
tell rows in the domain's own decisions, ``run`` records and ``report`` counts. Only ``run`` touches the log.
"""
