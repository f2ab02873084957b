"""``aftersales team``: who belongs to which team."""

from __future__ import annotations

from application.access import join_team, leave_team, list_memberships
from application.settings import Settings
from interfaces.cli.access import LONGEST_NAME
from interfaces.cli.database import connection
from interfaces.cli.output import moment, note, write_json, write_table
from interfaces.cli.problems import Misused, Refused


def join(settings: Settings, person: str, team: str) -> None:
    """Let a person belong to a team; once more changes nothing.

    Raises:
        Misused: one of the two is no name.
    """
    for name in (person, team):
        if not name.strip() or len(name) > LONGEST_NAME or not name.isprintable():
            raise Misused(f"a person's and a team's name is 1 to {LONGEST_NAME} printable characters")
    with connection(settings) as conn:
        is_new = join_team(conn, person.strip(), team.strip())
    note(f"{person.strip()} {'belongs' if is_new else 'belonged already'} to {team.strip()}")


def leave(settings: Settings, person: str, team: str) -> None:
    """Let a person no longer belong to a team.

    Raises:
        Refused: they did not.
    """
    with connection(settings) as conn:
        if not leave_team(conn, person.strip(), team.strip()):
            raise Refused(f"{person} does not belong to {team}: aftersales team list shows who does")
    note(f"{person.strip()} belongs to {team.strip()} no longer")


def show(settings: Settings, *, as_json: bool) -> None:
    """Print everybody who belongs to a team."""
    with connection(settings) as conn:
        members = list_memberships(conn)
    if as_json:
        write_json(members)
        return
    rows = [(each.team, each.person, moment(each.joined_at, settings.time_zone)) for each in members]
    write_table(("team", "person", "since"), rows)
