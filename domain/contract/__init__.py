"""A maintenance contract (维保合同): what a customer is promised, for which assets and how long (R13).

``events`` says what can happen to it, ``state`` what it then is, ``drafting`` and ``decisions`` what may be
asked of it. Three questions are answered beside them: ``term`` when it is in force and on which terms,
``cover`` what it entitles an asset to, ``choice`` which of several contracts applies.
"""
