"""Service plans (服务等级) and calendars as they are published: versions that count from a time on (SLA 8).

``events`` says what can happen to one, ``editions`` what there then is of it, ``decisions`` what may be asked
of it. The book of all of them, and what a new ticket pins, is ``domain.promises``.
"""
