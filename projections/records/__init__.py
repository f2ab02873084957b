"""The ISO 9001 record of a service case, clause by clause: as JSON, as a page, and as a PDF with its events.

What each clause needs is data, in ``clauses.toml``; what people read is worded in ``words.toml``. A record is
a pure function of a case's facts: it asks for no time, no chance and no database, and so the same facts make
the same bytes (B10, R38).
"""
