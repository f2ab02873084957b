"""What people may decide about mails that were set aside."""

from __future__ import annotations

from typing import ClassVar

from application.access import Permission
from application.commands import Command
from domain.errors import DomainError


class RetryMail(Command, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Try again to take in a mail that was set aside; the answer says of which ticket it is."""

    action: ClassVar[str] = "retry"
    needs: ClassVar[Permission] = Permission.WORK


class DismissMail(Command, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Decide that nothing becomes of a mail that was set aside; say why."""

    action: ClassVar[str] = "dismiss"
    needs: ClassVar[Permission] = Permission.WORK


class StillRefused(DomainError):
    """A mail that was set aside cannot be taken in yet."""

    code = "mail-refused"
