"""The rules of time limits as a table: what happened, and what every clock shows of it (SLA 1 to 12, and 14).

The expected times are worked out by hand from the wall and the promises in ``book``; how a line is read is
said in ``telling``. 2 March 2026 is a Monday.

The four rows that name Microsoft are the cases of its page "SLA timer doesn't pause when its state is changed
from InProgress to OnHold on a holiday". Its third case says that a hold which ends outside working hours does
not count at all; by SLA 5 its working part does, and only the rest does not.
"""

from __future__ import annotations

from typing import NamedTuple

import pytest

from tests.domain.ticket.rules.book import BOOK, pin
from tests.domain.ticket.rules.telling import shown, tell


class Row(NamedTuple):
    """One row: the rule, what it says, the plan, the story, and what the clocks show."""

    rule: int
    says: str
    plan: str
    story: str
    outcome: str


TABLE = [
    Row(
        1,
        "milestones start and stop on their own, and all are shown",
        "always",
        """
        03-02 09:00 reported P2 band=city
        03-02 09:20 acknowledged
        03-02 09:50 answered
        03-02 10:10 dispatched
        """,
        """
        03-02 12:00 acknowledge met elapsed=0:20
        03-02 12:00 first_response met elapsed=0:50
        03-02 12:00 dispatch breached elapsed=1:10 broken=03-02T10:00
        03-02 12:00 on_site pending elapsed=3:00 due=03-02T12:00
        03-02 12:00 workaround pending due=03-02T15:00
        03-02 12:00 resolve pending due=03-02T17:00
        """,
    ),
    Row(
        1,
        "every cycle has a clock of its own",
        "always",
        """
        03-02 09:00 reported P2
        03-02 10:00 resolved
        03-02 12:00 rejected 2
        """,
        """
        03-02 13:00 resolve met elapsed=1:00
        03-02 13:00 resolve#2 pending elapsed=1:00 due=03-02T20:00
        """,
    ),
    Row(
        1,
        "every part that was ordered has a clock of its own",
        "always",
        """
        03-02 09:00 reported P2
        03-02 10:00 ordered 1
        03-02 12:00 ordered 2
        03-02 15:00 delivered 2
        """,
        """
        03-02 19:00 part_delivered breached elapsed=9:00 broken=03-02T18:00
        03-02 19:00 part_delivered#2 met elapsed=3:00
        """,
    ),
    Row(
        2,
        "a clock starts when the customer reported, though somebody typed it in later",
        "always",
        """
        03-02 08:00 reported P2
        03-02 09:30 answered
        """,
        "03-02 10:00 first_response breached elapsed=1:30 broken=03-02T09:00",
    ),
    Row(
        2,
        "a report before working hours starts counting with them",
        "office",
        """
        03-02 06:00 reported P2
        03-02 09:40 answered
        """,
        "03-02 10:00 first_response met elapsed=0:40",
    ),
    Row(
        2,
        "a report on a Saturday counts from Monday",
        "office",
        "03-07 11:00 reported P2",
        "03-09 09:30 resolve pending elapsed=0:30 due=03-09T17:00",
    ),
    Row(
        3,
        "a person's answer is a response, in writing too",
        "always",
        """
        03-02 09:00 reported P2
        03-02 09:30 answered email
        """,
        "03-02 12:00 first_response met elapsed=0:30",
    ),
    Row(
        3,
        "an automatic reply is none",
        "always",
        """
        03-02 09:00 reported P2
        03-02 09:01 auto-answered email
        """,
        """
        03-02 10:00 first_response pending elapsed=1:00
        03-02 10:00:01 first_response breached elapsed=1:00:01
        """,
    ),
    Row(
        3,
        "a customer who reaches us by phone has spoken with a person",
        "always",
        """
        03-02 09:00 reported P2
        03-02 09:20 customer phone
        """,
        "03-02 12:00 first_response met elapsed=0:20",
    ),
    Row(
        3,
        "a customer who writes again has not",
        "always",
        """
        03-02 09:00 reported P2
        03-02 09:20 customer email
        """,
        "03-02 09:59 first_response pending elapsed=0:59 due=03-02T10:00",
    ),
    Row(
        3,
        "resolving is not answering",
        "always",
        """
        03-02 09:00 reported P2
        03-02 09:30 resolved
        """,
        "03-02 11:00 first_response breached elapsed=2:00",
    ),
    Row(
        3,
        "a response that is recorded late counts from when it was given",
        "always",
        """
        03-02 09:00 reported P2
        03-02 12:00 resolved
        03-02 09:45 answered
        """,
        "03-02 13:00 first_response met elapsed=0:45",
    ),
    Row(
        3,
        "only the first response counts",
        "always",
        """
        03-02 09:00 reported P2
        03-02 09:50 answered
        03-02 11:00 answered
        """,
        "03-02 12:00 first_response met elapsed=0:50",
    ),
    *(
        Row(
            4,
            f"{reason} is the customer's own wait: it pauses",
            "always",
            f"""
            03-02 09:00 reported P2
            03-02 10:00 held {reason}
            03-02 12:00 resumed
            03-02 18:30 resolved
            """,
            "03-02 19:00 resolve met elapsed=7:30 paused=2:00",
        )
        for reason in ("waiting_for_customer", "access_refused", "customer_chose_later", "quote_consent")
    ),
    *(
        Row(
            4,
            f"{reason} is ours: it does not pause",
            "always",
            f"""
            03-02 09:00 reported P2
            03-02 10:00 held {reason}
            03-02 12:00 resumed
            03-02 18:30 resolved
            """,
            "03-02 19:00 resolve breached elapsed=9:30 paused=0:00 broken=03-02T17:00",
        )
        for reason in ("waiting_for_part", "waiting_for_supplier", "other")
    ),
    Row(
        4,
        "a response clock does not pause",
        "always",
        """
        03-02 09:00 reported P2
        03-02 09:10 held waiting_for_customer
        03-02 10:30 answered
        """,
        "03-02 11:00 first_response breached elapsed=1:30",
    ),
    Row(
        4,
        "a plan may say otherwise for a milestone",
        "lenient",
        """
        03-02 09:00 reported P2
        03-02 09:10 held waiting_for_part
        03-02 10:10 resumed
        03-02 10:30 answered
        """,
        "03-02 11:00 first_response met elapsed=0:30 paused=1:00",
    ),
    Row(
        4,
        "and then nothing else pauses it",
        "lenient",
        """
        03-02 09:00 reported P2
        03-02 10:00 held waiting_for_customer
        """,
        "03-02 16:00 resolve pending state=running elapsed=7:00",
    ),
    Row(
        4,
        "resolving ends every wait",
        "always",
        """
        03-02 09:00 reported P2
        03-02 10:00 held waiting_for_customer
        03-02 12:00 resolved
        """,
        "03-02 18:00 resolve met elapsed=1:00 paused=2:00",
    ),
    Row(
        4,
        "a wait of ours ends the customer's",
        "always",
        """
        03-02 09:00 reported P2
        03-02 10:00 held waiting_for_customer
        03-02 11:00 held waiting_for_part
        03-02 12:00 resumed
        """,
        "03-02 13:00 resolve pending elapsed=3:00 paused=1:00 due=03-02T18:00",
    ),
    Row(
        5,
        "reached on the deadline is in time",
        "always",
        """
        03-02 09:00 reported P2
        03-02 17:00 resolved
        """,
        "03-02 18:00 resolve met elapsed=8:00",
    ),
    Row(
        5,
        "a second later is late",
        "always",
        """
        03-02 09:00 reported P2
        03-02 17:00:01 resolved
        """,
        "03-02 18:00 resolve breached elapsed=8:00:01 cause=late broken=03-02T17:00",
    ),
    Row(
        5,
        "pauses that overlap count once",
        "always",
        """
        03-02 09:00 reported P2
        03-02 10:00 held waiting_for_customer
        03-02 12:00 resumed
        03-02 11:00 held access_refused
        03-02 13:00 resumed
        """,
        "03-02 14:00 resolve pending elapsed=2:00 paused=3:00 due=03-02T20:00",
    ),
    Row(
        5,
        "a hold over a weekend takes out its working hours",
        "office",
        """
        03-06 15:00 reported P2
        03-06 16:00 held waiting_for_customer
        03-09 10:00 resumed
        03-09 16:00 resolved
        """,
        "03-09 16:30 resolve met elapsed=7:00 paused=2:00",
    ),
    Row(
        5,
        "a hold over the night takes out nothing, and moves no deadline",
        "office",
        """
        03-02 10:00 reported P2
        03-02 17:00 held waiting_for_customer
        03-03 09:00 resumed
        """,
        "03-03 09:30 resolve pending paused=0:00 due=03-03T10:00",
    ),
    Row(
        5,
        "Microsoft 1: reported, paused and resumed before working hours",
        "office",
        """
        03-02 07:00 reported P2
        03-02 07:30 held waiting_for_customer
        03-02 08:30 resumed
        """,
        "03-02 12:00 resolve pending elapsed=3:00 paused=0:00 due=03-02T17:00",
    ),
    Row(
        5,
        "Microsoft 2: reported before working hours, paused and resumed within them",
        "office",
        """
        03-02 07:00 reported P2
        03-02 10:00 held waiting_for_customer
        03-02 12:00 resumed
        """,
        "03-02 13:00 resolve pending elapsed=2:00 paused=2:00 due=03-03T11:00",
    ),
    Row(
        5,
        "Microsoft 3: paused within working hours, resumed outside them",
        "office",
        """
        03-02 10:00 reported P2
        03-02 15:00 held waiting_for_customer
        03-02 20:00 resumed
        """,
        "03-03 09:00 resolve pending elapsed=5:00 paused=2:00 due=03-03T12:00",
    ),
    Row(
        5,
        "Microsoft 4: paused outside working hours, resumed within them",
        "office",
        """
        03-02 10:00 reported P2
        03-02 20:00 held waiting_for_customer
        03-03 11:00 resumed
        """,
        "03-03 11:30 resolve pending elapsed=7:30 paused=2:00 due=03-03T12:00",
    ),
    Row(
        5,
        "a lunch break does not count",
        "shanghai",
        "03-02 11:00 reported P2",
        "03-02 14:30 resolve pending elapsed=2:00 due=03-03T11:30",
    ),
    Row(
        5,
        "nor does the lunch break within a hold",
        "shanghai",
        """
        03-02 11:00 reported P2
        03-02 11:30 held access_refused
        03-02 14:00 resumed
        """,
        "03-02 15:00 resolve pending elapsed=1:30 paused=1:00 due=03-03T14:00",
    ),
    Row(
        5,
        "a night shift counts over midnight",
        "nights",
        """
        03-02 20:00 reported P2
        03-02 22:50 answered
        """,
        """
        03-03 02:00 first_response met elapsed=0:50
        03-03 02:00 resolve pending elapsed=4:00 due=03-03T06:00
        """,
    ),
    Row(
        5,
        "Friday's night shift runs into Saturday, and the next one is Monday's",
        "nights",
        "03-06 23:00 reported P2",
        "03-07 05:00 resolve pending elapsed=6:00 due=03-09T23:00",
    ),
    Row(
        5,
        "a hold in a night shift, over midnight",
        "nights",
        """
        03-02 22:00 reported P2
        03-02 23:30 held waiting_for_customer
        03-03 00:30 resumed
        """,
        "03-03 03:00 resolve pending elapsed=4:00 paused=1:00 due=03-03T23:00",
    ),
    Row(
        6,
        "a paused clock has no deadline, only time remaining",
        "always",
        """
        03-02 09:00 reported P2
        03-02 10:00 held waiting_for_customer
        """,
        "03-05 10:00 resolve pending state=paused elapsed=1:00 remaining=7:00 due=none",
    ),
    Row(
        6,
        "and cannot break, however long it stands",
        "office",
        """
        03-02 09:00 reported P2
        03-02 16:59 held customer_chose_later
        """,
        "09-01 10:00 resolve pending state=paused remaining=0:01 due=none broken=none",
    ),
    Row(
        6,
        "it goes on with what was left",
        "always",
        """
        03-02 09:00 reported P2
        03-02 10:00 held waiting_for_customer
        03-05 10:00 resumed
        """,
        "03-05 12:00 resolve pending elapsed=3:00 due=03-05T17:00",
    ),
    Row(
        6,
        "what was late before the pause stays late",
        "always",
        """
        03-02 09:00 reported P2
        03-02 18:00 held waiting_for_customer
        """,
        "03-03 09:00 resolve breached state=paused remaining=-1:00 due=none broken=03-02T17:00",
    ),
    Row(
        7,
        "a make-up Saturday is worked",
        "shanghai",
        "02-13 17:00 reported P2",
        "02-14 10:00 resolve pending elapsed=2:00 due=02-14T17:30",
    ),
    Row(
        7,
        "the holidays after it are not",
        "shanghai",
        "02-14 17:00 reported P2",
        "02-20 12:00 resolve pending elapsed=1:00 due=02-24T17:30",
    ),
    Row(
        7,
        "a holiday on a weekday makes a long weekend",
        "office",
        "03-12 16:00 reported P2",
        "03-16 09:00 resolve pending elapsed=1:00 due=03-16T16:00",
    ),
    Row(
        7,
        "round the clock counts the weekend",
        "always",
        "03-07 09:00 reported P2",
        "03-07 16:00 resolve pending elapsed=7:00 due=03-07T17:00",
    ),
    Row(
        7,
        "past the last year with holiday data no deadline is guessed",
        "office",
        "12-31 16:00 reported P2",
        "12-31 16:30 resolve pending state=running elapsed=0:30 remaining=7:30 due=none",
    ),
    Row(
        7,
        "the night in spring is an hour shorter",
        "rome-days",
        "03-28 20:00 reported P2",
        "03-29 04:00 resolve pending elapsed=7:00 due=03-29T05:00",
    ),
    Row(
        7,
        "the night in autumn is an hour longer",
        "rome-days",
        "10-24 20:00 reported P2",
        "10-25 02:00* resolve pending elapsed=7:00 due=10-25T03:00",
    ),
    Row(
        7,
        "a night shift in spring has seven hours",
        "rome-nights",
        "03-28 22:00 reported P2",
        "03-29 12:00 resolve pending elapsed=7:00 due=03-29T23:00",
    ),
    Row(
        7,
        "a night shift in autumn has nine",
        "rome-nights",
        "10-24 22:00 reported P2",
        "10-25 05:00 resolve pending elapsed=8:00 due=10-25T05:00",
    ),
    Row(
        7,
        "a hold within the hour that comes twice",
        "rome-days",
        """
        10-24 20:00 reported P2
        10-25 02:00 held waiting_for_customer
        10-25 02:30* resumed
        """,
        "10-25 04:00 resolve pending elapsed=7:30 paused=1:30 due=10-25T04:30",
    ),
    Row(
        7,
        "office hours do not notice that the clocks change",
        "rome-office",
        "03-28 14:00 reported P2",
        "03-29 10:00 resolve pending elapsed=6:00 due=03-29T12:00",
    ),
    Row(
        8,
        "a clock keeps the calendar that it pinned, though Saturdays are worked by the next version",
        "office@1",
        "03-06 16:00 reported P2",
        "03-07 12:00 resolve pending elapsed=1:00 due=03-09T16:00",
    ),
    Row(
        8,
        "a new clock pins the next version",
        "office@2",
        "03-06 16:00 reported P2",
        "03-07 12:00 resolve pending elapsed=4:00 due=03-07T16:00",
    ),
    Row(
        8,
        "a verdict that was given is not rewritten",
        "always",
        """
        03-02 09:00 reported P2
        03-02 17:00 resolved
        03-02 18:00 prioritised P1
        """,
        "03-02 20:00 resolve met elapsed=8:00 target=8:00",
    ),
    Row(
        8,
        "a milestone in clock time keeps its own calendar beside the others",
        "mixed",
        "03-06 16:00 reported P2 band=remote",
        """
        03-07 03:00 on_site pending elapsed=11:00 due=03-07T04:00
        03-07 03:00 resolve pending elapsed=1:00 due=03-09T16:00
        """,
    ),
    Row(
        9,
        "another priority keeps start, elapsed time and pauses, and swaps the target",
        "always",
        """
        03-02 09:00 reported P3
        03-02 10:00 held waiting_for_customer
        03-02 11:00 resumed
        03-02 12:00 prioritised P2
        """,
        "03-02 12:00 resolve pending elapsed=2:00 paused=1:00 target=8:00 due=03-02T18:00",
    ),
    Row(
        9,
        "another priority while paused: other time remaining, still no deadline",
        "always",
        """
        03-02 09:00 reported P3
        03-02 10:00 held waiting_for_customer
        03-02 12:00 prioritised P2
        """,
        "03-02 13:00 resolve pending state=paused remaining=7:00 due=none",
    ),
    Row(
        9,
        "and once resumed a deadline by the new target",
        "always",
        """
        03-02 09:00 reported P3
        03-02 10:00 held waiting_for_customer
        03-02 12:00 prioritised P2
        03-02 14:00 resumed
        """,
        "03-02 15:00 resolve pending elapsed=2:00 paused=4:00 due=03-02T21:00",
    ),
    Row(
        9,
        "late at once is late by reclassification",
        "always",
        """
        03-02 09:00 reported P3
        03-02 14:00 prioritised P1
        """,
        "03-02 14:00 resolve breached cause=reclassified broken=03-02T14:00",
    ),
    Row(
        9,
        "even while paused",
        "always",
        """
        03-02 09:00 reported P3
        03-02 15:00 held waiting_for_customer
        03-02 16:00 prioritised P1
        """,
        "03-02 17:00 resolve breached state=paused cause=reclassified broken=03-02T16:00",
    ),
    Row(
        9,
        "late only later is simply late",
        "always",
        """
        03-02 09:00 reported P3
        03-02 12:00 prioritised P1
        03-02 14:00 resolved
        """,
        "03-02 15:00 resolve breached elapsed=5:00 cause=late broken=03-02T13:00",
    ),
    Row(
        9,
        "downgrading never erases a breach",
        "always",
        """
        03-02 09:00 reported P1
        03-02 15:00 prioritised P3
        03-02 20:00 resolved
        """,
        "03-02 21:00 resolve breached elapsed=11:00 cause=late broken=03-02T13:00",
    ),
    Row(
        9,
        "downgrading in time counts",
        "always",
        """
        03-02 09:00 reported P1
        03-02 12:00 prioritised P3
        03-02 20:00 resolved
        """,
        "03-02 21:00 resolve met elapsed=11:00 target=16:00",
    ),
    Row(
        9,
        "another kind of fault swaps the target as well",
        "always",
        """
        03-02 09:00 reported P2
        03-02 10:30 classified gas
        """,
        "03-02 10:45 resolve pending elapsed=1:45 target=2:00 due=03-02T11:00",
    ),
    Row(
        10,
        "reopening after closing keeps cycle 1 and starts cycle 2",
        "always",
        """
        03-02 09:00 reported P2
        03-02 12:00 resolved
        03-02 13:00 closed
        03-04 09:00 reopened 2
        03-04 11:00 resolved
        """,
        """
        03-04 12:00 resolve met elapsed=3:00
        03-04 12:00 resolve#2 met elapsed=2:00
        """,
    ),
    Row(
        10,
        "a quick second cycle does not mend the first",
        "always",
        """
        03-02 09:00 reported P2
        03-02 18:00 resolved
        03-04 09:00 reopened 2
        03-04 10:00 resolved
        """,
        """
        03-04 12:00 resolve breached elapsed=9:00 broken=03-02T17:00
        03-04 12:00 resolve#2 met elapsed=1:00
        """,
    ),
    Row(
        10,
        "while the customer thinks about a resolution nothing runs",
        "always",
        """
        03-02 09:00 reported P2
        03-02 12:00 resolved
        03-02 15:00 rejected 2
        """,
        """
        03-02 16:00 resolve met elapsed=3:00
        03-02 16:00 resolve#2 pending elapsed=1:00
        """,
    ),
    Row(
        10,
        "the first response is owed once",
        "always",
        """
        03-02 09:00 reported P2
        03-02 09:30 answered
        03-02 12:00 resolved
        03-02 15:00 reopened 2
        """,
        """
        03-02 18:00 first_response met elapsed=0:30
        03-02 18:00 first_response#2 absent
        """,
    ),
    Row(
        10,
        "a visit counts for the cycle in which it happened",
        "always",
        """
        03-02 09:00 reported P2 band=city
        03-02 11:00 resolved
        03-02 12:00 rejected 2
        03-02 14:00 arrived
        """,
        """
        03-02 18:00 on_site cancelled elapsed=2:00
        03-02 18:00 on_site#2 met elapsed=2:00
        """,
    ),
    Row(
        11,
        "a cancelled ticket's clocks are neither met nor missed",
        "always",
        """
        03-02 09:00 reported P2
        03-02 09:30 answered
        03-02 10:00 cancelled
        """,
        """
        03-02 18:00 first_response cancelled
        03-02 18:00 resolve cancelled elapsed=1:00
        """,
    ),
    Row(
        11,
        "not even those that were late by then",
        "always",
        """
        03-02 09:00 reported P2
        03-02 20:00 cancelled
        """,
        "03-03 09:00 resolve cancelled broken=none",
    ),
    Row(
        11,
        "but what was judged before a reopening stays judged",
        "always",
        """
        03-02 09:00 reported P2
        03-02 18:00 resolved
        03-03 09:00 reopened 2
        03-03 10:00 cancelled
        """,
        """
        03-03 12:00 resolve breached elapsed=9:00
        03-03 12:00 resolve#2 cancelled elapsed=1:00
        """,
    ),
    Row(
        11,
        "a merged ticket's clocks are neither met nor missed",
        "always",
        """
        03-02 09:00 reported P2
        03-02 09:30 answered
        03-02 20:00 merged
        """,
        """
        03-03 09:00 first_response cancelled
        03-03 09:00 resolve cancelled broken=none
        """,
    ),
    Row(
        11,
        "the ticket that goes on keeps the earlier start of the two",
        "always",
        """
        03-02 09:00 reported P2
        03-02 10:00 absorbed 03-02 08:00
        """,
        "03-02 10:00 resolve pending elapsed=2:00 due=03-02T16:00",
    ),
    Row(
        11,
        "a later report changes nothing",
        "always",
        """
        03-02 09:00 reported P2
        03-02 12:00 absorbed 03-02 11:00
        """,
        "03-02 12:00 resolve pending elapsed=3:00 due=03-02T17:00",
    ),
    Row(
        8,
        "a calendar that is re-pinned while the clock runs measures it from its start",
        "office@1",
        """
        03-06 16:00 reported P2
        03-06 16:30 repinned office@2
        """,
        "03-07 12:00 resolve pending elapsed=4:00 due=03-07T16:00",
    ),
    Row(
        8,
        "re-pinning mends no miss",
        "always",
        """
        03-02 09:00 reported P2
        03-03 09:00 repinned office@1
        """,
        "03-03 10:00 resolve breached broken=03-02T17:00",
    ),
    Row(
        8,
        "nor does it take back what was kept",
        "office@1",
        """
        03-06 16:00 reported P2
        03-09 09:00 resolved
        03-09 10:00 repinned always
        """,
        "03-09 12:00 resolve met elapsed=1:00 target=8:00",
    ),
    Row(
        8,
        "nor what a priority made late in the very instant of the approval",
        "always",
        """
        03-02 09:00 reported P2
        03-02 14:00 prioritised P1
        03-02 14:00 repinned office@1
        """,
        "03-02 15:00 resolve breached cause=reclassified broken=03-02T14:00",
    ),
    Row(
        9,
        "what was late at once ran out by itself, where the priority turns out to have changed in time",
        "always",
        """
        03-02 09:00 reported P2
        03-02 14:00 prioritised P1
        03-02 10:00 prioritised P1
        """,
        "03-02 15:00 resolve breached cause=late broken=03-02T13:00",
    ),
    Row(
        12,
        "a worker that was down notes everything that was passed, the miss too",
        "always",
        "03-02 09:00 reported P2",
        "03-03 09:00 resolve breached noted=50,75,90,missed broken=03-02T17:00",
    ),
    Row(
        12,
        "warnings go by working time, and come one by one",
        "office",
        "03-06 15:00 reported P2",
        """
        03-08 12:00 resolve pending noted=
        03-09 11:00 resolve pending noted=50
        03-09 13:00 resolve pending noted=50,75
        """,
    ),
    Row(
        12,
        "nothing is noted of a clock that stands, however long",
        "always",
        """
        03-02 09:00 reported P2
        03-02 12:00 held waiting_for_customer
        """,
        "03-09 12:00 resolve pending state=paused noted=",
    ),
    Row(
        12,
        "what stopped in time is warned of as far as it ran, and no further",
        "always",
        """
        03-02 09:00 reported P2
        03-02 13:30 resolved
        """,
        "03-03 09:00 resolve met noted=50",
    ),
    Row(
        12,
        "nothing is noted of a ticket that was cancelled",
        "always",
        """
        03-02 09:00 reported P2
        03-02 10:00 cancelled
        """,
        "03-03 09:00 resolve cancelled noted=",
    ),
    *(
        Row(
            14,
            f"on site within {hours} h: {band}",
            "always",
            f"03-02 00:00 reported P2 band={band}",
            f"03-02 00:00 on_site pending target={hours}:00 due=03-02T{hours:02}:00",
        )
        for band, hours in (("city", 3), ("region", 6), ("remote", 12))
    ),
    Row(
        14,
        "how far it is may become known only when somebody is sent; it holds from the report on",
        "always",
        """
        03-02 09:00 reported P2
        03-02 09:30 dispatched city
        """,
        "03-02 10:00 on_site pending target=3:00 due=03-02T12:00",
    ),
    Row(
        14,
        "nothing is promised to those of whom it is not known",
        "always",
        "03-02 09:00 reported P2",
        "03-05 09:00 on_site none target=nothing due=none",
    ),
    Row(
        14,
        "a callback and the answer to a complaint have targets of their own",
        "mixed",
        """
        03-05 09:00 reported P2
        03-06 14:00 complained 1
        03-06 16:00 resolved
        03-06 16:30 closed
        03-07 16:00 called reached
        03-09 15:00 apologised 1
        """,
        """
        03-10 09:00 callback met elapsed=23:30
        03-10 09:00 complaint_answer breached elapsed=9:00 broken=03-09T14:00
        """,
    ),
]


@pytest.mark.parametrize("row", TABLE, ids=lambda row: f"SLA {row.rule}: {row.says}")
def test_the_rules_of_time_limits(row: Row) -> None:
    told = tell(row.plan, row.story, row.outcome, pin)
    for outcome, really in shown(told, BOOK):
        assert really == outcome.shows, (outcome.clock, outcome.at.isoformat())


def test_the_table_has_a_row_for_every_rule_about_clocks() -> None:
    assert {row.rule for row in TABLE} >= {*range(1, 13), 14}
    assert len({row.says for row in TABLE}) == len(TABLE) >= 60
