"""The ``aftersales`` command.

``main`` names the commands and their options; each says what it does in a module of its own, imported only
when it is asked for, so that the command starts quickly. Results go to stdout, everything else to stderr.
"""
