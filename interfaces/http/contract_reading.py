"""Contracts for readers: lists, one contract now or as it was, and what somebody is entitled to."""

from __future__ import annotations

from typing import Annotated

from litestar import Response, get
from litestar.datastructures import State
from litestar.params import FromQuery, QueryParameter

from application.desk import NotFound
from domain.contract.words import Kind, Status
from domain.errors import InvalidValue
from interfaces.http.auth import READER
from interfaces.http.conditions import VERSION_HEADER, IfNoneMatch, WaitForPosition
from interfaces.http.freshness import fresh, fresh_own, tagged
from interfaces.http.openapi import ITEM_ANSWERS, READ_ANSWERS, UNCHANGED
from interfaces.http.params import ContractReference, Cursor, Limit, Moment, Words, WrongParameter, moment
from interfaces.http.service import service
from interfaces.http.travel import Version, back
from projections.contract_book import queries
from projections.contract_book.detail import ContractDetail, detail
from projections.contract_book.entitlement import Asked, EntitlementAnswer, check
from projections.contract_book.filed import Filed
from projections.travel.points import Basis

Days = Annotated[
    int | None,
    QueryParameter(
        required=False,
        gt=-1,
        le=36_500,
        description="In force now, and its last day is today or one of so many days after it.",
    ),
]
Amount = Annotated[
    int, QueryParameter(required=False, ge=1, le=1_000_000_000, description="Visits, seconds or pieces.")
]


@get(
    "/contracts",
    operation_id="ListContracts",
    summary="List contracts",
    guards=READER,
    responses=READ_ANSWERS,
)
async def list_contracts(
    state: State,
    customer: Words = None,
    status: FromQuery[Status | None] = None,
    plan: Words = None,
    asset: Words = None,
    text: Words = None,
    in_force: FromQuery[bool | None] = None,
    expiring_within: Days = None,
    cursor: Cursor = None,
    limit: Limit = 50,
    wait_for_position: WaitForPosition = 0,
) -> queries.ContractPage:
    """Newest number first, with what each includes and what is left of it now."""
    which = queries.ContractFilter(
        customer=customer,
        status=status,
        plan=plan,
        asset=asset,
        text=text,
        in_force=in_force,
        expiring_within=expiring_within,
    )
    known = service(state)
    async with fresh(known, "contract_book", wait_for_position) as conn:
        return await queries.search(conn, known.now(), which, cursor=cursor, limit=limit)


@get(
    "/contracts/{contract:str}",
    operation_id="GetContract",
    summary="Read a contract, now or as it was",
    guards=READER,
    responses=ITEM_ANSWERS | UNCHANGED,
    response_headers=[VERSION_HEADER],
)
async def get_contract(
    state: State,
    contract: ContractReference,
    as_of: Moment = None,
    basis: FromQuery[Basis] = Basis.OCCURRED,
    version: Version = None,
    if_none_match: IfNoneMatch = None,
    wait_for_position: WaitForPosition = 0,
) -> Response[ContractDetail]:
    """Its terms, every use of them, and what remains. `as_of` and `version` travel in time (B01)."""
    known = service(state)
    then = await back(known, known.desks.contracts, known.kinds.contract, contract, as_of, basis, version)
    if then is not None:
        kept, now = then
        return Response(detail(Filed(contract=kept.state, version=kept.version, position=kept.position), now))
    async with fresh_own(known, "contract_book", known.desks.contracts, contract, wait_for_position) as (
        conn,
        contract_id,
    ):
        found = await queries.one(conn, contract_id, known.now())
    if found is None:
        raise NotFound(f"there is no contract {contract}")
    return tagged(found, str(found.version), if_none_match)


@get(
    "/entitlements",
    operation_id="CheckEntitlement",
    summary="Is an asset entitled to something, by what, and why not",
    guards=READER,
    responses=READ_ANSWERS,
)
async def check_entitlement(
    state: State,
    asset: Words = None,
    customer: Words = None,
    kind: FromQuery[Kind] = Kind.VISIT,
    amount: Amount = 1,
    part: Words = None,
    at: Moment = None,
    reported_at: Moment = None,
    wait_for_position: WaitForPosition = 0,
) -> EntitlementAnswer:
    """Asked of every contract that names the asset or is the customer's; those that lose say why (SLA 13).

    Whether it is covered goes by `reported_at`, by default `at`; what remains, by `at`, by default now.
    """
    known = service(state)
    now = moment(at, "at") or known.now()
    try:
        asked = Asked(
            asset=asset,
            customer=customer,
            kind=kind,
            quantity=amount,
            part=part,
            reported_at=moment(reported_at, "reported_at"),
        )
    except InvalidValue as wrong:
        raise WrongParameter(wrong.message, (wrong.field or "").removeprefix("/")) from None
    async with fresh(known, "contract_book", wait_for_position) as conn:
        return await check(conn, asked, now)


reading = [list_contracts, get_contract, check_entitlement]
