"""How a ticket begins."""

from __future__ import annotations

from domain.assignment.offers import PlanChoice
from domain.contract.choice import Choice
from domain.errors import InvalidValue
from domain.ticket.events import FromMatrix, PlanPin, TicketRegistered, Triaged
from domain.ticket.words import Channel, Impact, Priority, TravelBand, Urgency


def register(
    *,
    number: str,
    subject: str,
    priority: Priority,
    pin: PlanPin,
    description: str | None = None,
    customer: str | None = None,
    contact: str | None = None,
    site: str | None = None,
    product: str | None = None,
    asset: str | None = None,
    channel: Channel = Channel.OTHER,
    category: str | None = None,
    band: TravelBand | None = None,
    owner: str | None = None,
    impact: Impact | None = None,
    urgency: Urgency | None = None,
    matrix: FromMatrix | None = None,
    triage: Triaged | None = None,
    customer_class: str | None = None,
    contract: Choice | None = None,
    choice: PlanChoice | None = None,
    source: str | None = None,
    attributes: dict[str, str] | None = None,
) -> TicketRegistered:
    """Take up a report; nothing is lost when the caller is unknown (R02).

    Raises:
        InvalidValue: the subject is blank.
    """
    if not subject.strip():
        raise InvalidValue("a ticket needs a subject", field="/subject")
    return TicketRegistered(
        number=number,
        subject=subject,
        priority=priority,
        pin=pin,
        description=description,
        customer=customer,
        contact=contact,
        site=site,
        product=product,
        asset=asset,
        channel=channel,
        category=category,
        band=band,
        owner=owner,
        impact=impact,
        urgency=urgency,
        matrix=matrix,
        triage=triage,
        customer_class=customer_class,
        contract=contract,
        choice=choice,
        source=source,
        attributes=attributes or {},
    )
