"""Ticket histories for tests: told by hand or drawn at random, always through the real decisions."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from application.log.append import Append
from application.log.mapper import store
from application.log.writer_thread import WriterThread
from application.plans import shipped_promises
from domain.errors import DomainError
from domain.event import Act, Event, Fact
from domain.ticket import decisions, diagnosis, liaison, tiers
from domain.ticket.evolution import begin, evolve
from domain.ticket.registration import register
from domain.ticket.state import Ticket
from domain.ticket.words import Channel, Counterpart, Direction, HoldReason, Impact, Party, Priority, Tier

START = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
"""Monday 2 March 2026, 09:00 in Shanghai."""

TEAMS = ("华东一组", "华南二组", "总部技术支持")
PEOPLE = ("李伟", "wang.fang", None)
CUSTOMERS = ("海风酒店", "Linden Hotels", None)


def at(hours: float) -> datetime:
    """So many hours after the start."""
    return START + timedelta(hours=hours)


def act(hours: float, actor: str = "agent:li.wei", reason: str | None = None) -> Act:
    """What somebody does so many hours after the start."""
    return Act(actor=actor, occurred_at=at(hours), reason=reason)


class Story:
    """One ticket, told step by step.

    Args:
        number: the serial of its number.
        fields: what is registered.
    """

    def __init__(self, number: int = 1, hours: float = 0, plan: str = "standard", **fields: Any) -> None:
        self.id = UUID(int=(0x0190_0000_0000_7000_8000 << 48) + number)
        event = register(
            number=f"T-2026-{number:06d}",
            **{
                "subject": "热水器不加热",
                "priority": Priority.P2,
                "pin": shipped_promises().pin(plan, datetime(2026, 3, 2, tzinfo=UTC)),
                **fields,
            },
        )
        self.ticket: Ticket = begin(self.id, event, act(hours))
        self.facts: list[Fact] = []
        self._take((event,), act(hours))

    def then(self, action: str, hours: float, *, why: str | None = None, **arguments: Any) -> Story:
        """Ask for an action and take what is decided."""
        by = act(hours, reason=why)
        events = decision(action)(self.ticket, by=by, **arguments)
        for event in events:
            self.ticket = evolve(event, self.ticket, by)
        self._take(events, by)
        return self

    def happens(self, event: Event, hours: float) -> Story:
        """Take what was not decided on this ticket."""
        self.ticket = evolve(event, self.ticket, act(hours))
        self._take((event,), act(hours))
        return self

    def _take(self, events: tuple[Event, ...], by: Act) -> None:
        for event in events:
            version = len(self.facts) + 1
            fact = Fact(stream_id=self.id, version=version, event=event, act=by, correlation_id=self.id)
            self.facts.append(fact)


def decision(action: str) -> Any:
    """What decides on an action."""
    return next(
        getattr(room, action) for room in (decisions, tiers, diagnosis, liaison) if hasattr(room, action)
    )


def answer(story: Story, hours: float) -> Story:
    """A person calls the customer."""
    return story.then(
        "contact", hours, channel=Channel.PHONE, direction=Direction.OUTBOUND, party=Party.PERSON
    )


def hours_of(facts: Sequence[Fact]) -> float:
    """The hour after the last thing that happened."""
    return (max(fact.act.occurred_at for fact in facts) - START) / timedelta(hours=1) + 1


def record(url: str, facts: Sequence[Fact], commit: int = 1000) -> None:
    """Append facts in this order."""
    writer = WriterThread(url)
    try:
        for first in range(0, len(facts), commit):
            writer.append(Append(tuple(store(fact) for fact in facts[first : first + commit])))
    finally:
        writer.close()


def random_facts(tickets: int, steps: int, seed: int = 1) -> list[Fact]:
    """The events of so many tickets, shuffled together; every ticket is asked about ``steps`` things."""
    chance = random.Random(seed)  # noqa: S311
    stories = []
    for number in range(1, tickets + 1):
        story = Story(
            number,
            hours=chance.uniform(0, 500),
            plan=chance.choice(("standard", "hot-water")),
            priority=chance.choice(list(Priority)),
            customer=chance.choice(CUSTOMERS),
        )
        hours = (story.ticket.reported_at - START).total_seconds() / 3600
        for _ in range(steps):
            hours += chance.expovariate(1 / 6)
            try_something(story, hours, chance)
        stories.append(story)
    return shuffled(stories, chance)


def shuffled(stories: Sequence[Story], chance: random.Random) -> list[Fact]:
    """The facts of all stories, each story's own in order."""
    turns = [index for index, story in enumerate(stories) for _ in story.facts]
    chance.shuffle(turns)
    waiting = [iter(story.facts) for story in stories]
    return [next(waiting[turn]) for turn in turns]


def try_something(story: Story, hours: float, chance: random.Random) -> None:
    """Ask for a random action; a refusal changes nothing."""
    pick = chance.choice
    actions: dict[str, dict[str, Any]] = {
        "classify": {"category": pick(("漏水", "no heat")), "impact": pick([None, *Impact])},
        "prioritise": {"priority": pick(list(Priority))},
        "assign": {"team": pick(TEAMS), "person": pick(PEOPLE)},
        "contact": {
            "channel": pick(list(Channel)),
            "direction": pick(list(Direction)),
            "party": pick(list(Party)),
        },
        "hold": {"reason": pick(list(HoldReason)), "review_at": pick((None, at(hours + 20)))},
        "resume": {},
        "escalate": {"tier": pick(list(Tier)), "team": pick((None, *TEAMS))},
        "accept_handover": {"person": pick(PEOPLE)},
        "refuse_handover": {"why": "nothing was measured"},
        "hand_back": {"tier": pick((Tier.L1, Tier.L2)), "finding": "the fuse", "team": pick((None, *TEAMS))},
        "own": {"person": pick(("李伟", "wang.fang")), "why": "on leave"},
        "liaise": {
            "counterpart": pick(list(Counterpart)),
            "who": pick(("研发", "宁波热能")),
            "question": "批次是否已知？",
            "due_at": at(hours + pick((2, 30))),
        },
        "answer_liaison": {"liaison": len(story.ticket.liaisons), "answer": "已知"},
        "move_liaison": {"liaison": 1, "due_at": at(hours + 50), "why": "实验室休息"},
        "diagnose": {"finding": "水垢", "cause_code": pick((None, "C-12")), "articles": ("KB-0117",)},
        "resolve": {"solution": "更换加热管", "cause": pick((None, "element burnt"))},
        "confirm": {"confirmed_by": pick((None, "陈经理"))},
        "reject": {"why": "still cold"},
        "close": {},
        "reopen": {"why": "cold again"},
        "cancel": {"why": "reported twice"},
        "remark": {"text": "customer prefers mornings"},
    }
    weights = {"cancel": 0.2, "close": 0.6}
    action = chance.choices(list(actions), [weights.get(name, 1.0) for name in actions])[0]
    try:
        story.then(action, hours, **actions[action])
    except DomainError:
        return
