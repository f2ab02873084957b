"""Every event there is. Importing this module fills the registry; a new aggregate adds its line here."""

from __future__ import annotations

from domain import mail, upkeep
from domain.assignment import events as assignment
from domain.contract import events as contract
from domain.event import EVENT_TYPES
from domain.part import events as part
from domain.publishing import events as publishing
from domain.ticket import (
    care_events,
    diagnosis_events,
    field_events,
    file_events,
    liaison_events,
    mail_events,
    pinning_events,
    rule_events,
    tier_events,
    triage_events,
    watch_events,
)
from domain.ticket import events as ticket

AGGREGATES = (
    *(
        ticket,
        field_events,
        care_events,
        file_events,
        tier_events,
        rule_events,
        diagnosis_events,
        liaison_events,
        mail_events,
        pinning_events,
        triage_events,
        watch_events,
    ),
    *(part, contract),
)
PROMISES = (publishing, assignment)
"""What is promised: it stands above all service cases, and is one by itself."""
SYSTEM = (upkeep, mail)
"""What happens in no service case."""

__all__ = ["AGGREGATES", "EVENT_TYPES", "PROMISES", "SYSTEM"]
