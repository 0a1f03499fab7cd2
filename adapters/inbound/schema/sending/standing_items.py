"""Which items of a job that somebody else sent are in Spectrum: the items to check, and a person's answer."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, Field, StringConstraints
from pydantic_core import PydanticCustomError

from adapters.inbound.schema.findings import FindingOut
from adapters.inbound.schema.schema_base import Figure, Input, Moment, Output, Text
from adapters.inbound.schema.sending.plans import LedgerLineOut
from adapters.inbound.schema.terms import ConnectionNameIn, ItemId, ItemName, WorkOrderNumber, eg
from core.services.sending.declare_items import Declared, ItemsStanding

MOST_ITEMS = 1000
GivenId = Annotated[Text, StringConstraints(min_length=1)]


def _all_none_or_ids(value: object) -> object:
    """Checked here, so that a wrong value gives one error and not one for each type of the union."""
    if value in ("all", "none"):
        return value
    if isinstance(value, list) and 1 <= len(value) <= MOST_ITEMS and all(map(_is_id, value)):
        return value
    raise PydanticCustomError("standing", "must be all, none, or a list of item ids")


def _is_id(value: object) -> bool:
    return isinstance(value, str) and 0 < len(value) <= 200 and value.isprintable()


class StandingItemsQuery(Input):
    """About which connection."""

    connection: ConnectionNameIn


class StandingItemsIn(Input):
    """Which items of a job are in Spectrum already, as somebody saw there."""

    connection: ConnectionNameIn
    standing: Annotated[
        Literal["all", "none"] | Annotated[list[GivenId], Field(min_length=1, max_length=MOST_ITEMS)],
        BeforeValidator(_all_none_or_ids),
    ]
    """`all`, `none`, or the ids of the items that are in Spectrum."""
    reason: Annotated[
        str, StringConstraints(min_length=1, max_length=500), eg("Work order T104482 has the valve and the permit fee.")
    ]
    """What the person saw in Spectrum; the audit keeps it."""


class StandingItemOut(Output):
    """An item of the job that can be posted."""

    id: ItemId
    name: ItemName
    code: Annotated[str, eg("VALVE-2")]
    """The item's code in Spectrum."""
    quantity: Annotated[Figure, eg("3")] | None
    """How many, in the item's unit. Null for an other charge."""
    posted: bool
    """Whether it is known to be in Spectrum."""
    held: Annotated[bool, eg(True)]
    """Whether it waits for an answer."""


class StandingItemsOut(Output):
    """The items of a job that somebody else sent before."""

    work_order_number: WorkOrderNumber | None
    """Spectrum's number of the job's work order. Null: it has none."""
    items: list[StandingItemOut]
    """The items that can be posted."""
    held: FindingOut | None
    """Why items wait, and what to do. Null: none waits."""
    declared_at: Annotated[Moment, eg(None)] | None
    """When somebody last answered. Null: nobody did."""

    @classmethod
    def of(cls, standing: ItemsStanding) -> Self:
        return super().of(standing, work_order_number=standing.number or None)


class ItemsDeclaredOut(Output):
    """What an answer about items changed."""

    work_order_number: WorkOrderNumber
    entered: list[LedgerLineOut]
    """Lines that count as posted from now on."""
    left: Annotated[list[StandingItemOut], eg([])]
    """Items that a send would post."""
    retry: Annotated[list[str], eg(["snd_01KJPV4V00EXAMPLE0000000S1"])]
    """Ids of the job's failed sends that waited for this answer. Retry them."""

    @classmethod
    def of(cls, said: Declared) -> Self:
        entered = [LedgerLineOut.of(line) for line in said.entered]
        return super().of(said, work_order_number=said.number, entered=entered)
