"""Every reaction there is, by the type of event that it follows."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from application.log.event_log import EventLog
from application.mail.waiting import put_out
from application.policies.entitlements import count_part, count_visit, give_back
from application.policies.reply import Reply
from application.policies.reservations import release_reservations

Policy = Callable[[Reply, EventLog], Awaitable[None]]

POLICIES: dict[str, tuple[Policy, ...]] = {
    "ticket.contacted": (count_visit,),
    "ticket.letter_written": (put_out,),
    "ticket.closed": (release_reservations,),
    "ticket.cancelled": (release_reservations, give_back),
    "ticket.merged": (release_reservations, give_back),
    "part.installed": (count_part,),
}
