"""A ticket (工单): one reported problem, request or complaint, from report to confirmed close.

``events`` says what can happen to it, ``state`` what it then is, ``decisions`` what may be asked of it.
"""
