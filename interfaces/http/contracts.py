"""Maintenance contracts: drafting them, and everything that may be asked of one."""

from __future__ import annotations

from application.contract_commands import ACTIONS, DraftContract
from interfaces.http.commanding import actions, beginning
from interfaces.http.params import ContractReference

commands = [
    beginning(
        "/contracts",
        DraftContract,
        lambda known, *asked: known.desks.contracts.draft(*asked),
        summary="Draft a contract",
        told="Write down what is to be agreed. It counts for nothing until it is signed and activated.",
    ),
    *actions("/contracts", "contract", ContractReference, ACTIONS, lambda known: known.desks.contracts),
]
