"""Which items of a job that somebody else sent are in Spectrum: the items to check, and a person's answer."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, Field, StringConstraints
from pydantic_core import PydanticCustomError

from adapters.inbound.schema.findings import FindingOut
from adapters.inbound.schema.schema_base import Figure, Input, Moment, Output, Text
from adapters.inbound.schema.sending.plans import LedgerLineOut
from core.services.sending.declare_items import Declared, ItemsStanding

MOST_ITEMS = 1000
ItemId = Annotated[Text, StringConstraints(min_length=1)]


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
    connection: Text


class StandingItemsIn(Input):
    """`standing`: `all`, `none`, or the ids of the items that are in Spectrum. `reason` says what the person saw there;
    the audit keeps it."""

    connection: Text
    standing: Annotated[
        Literal["all", "none"] | Annotated[list[ItemId], Field(min_length=1, max_length=MOST_ITEMS)],
        BeforeValidator(_all_none_or_ids),
    ]
    reason: Annotated[str, StringConstraints(min_length=1, max_length=500)]


class StandingItemOut(Output):
    """An item of the job that can be posted. `posted`: known to be in Spectrum. `held`: it waits for an answer."""

    id: str
    name: str
    code: str
    quantity: Figure | None
    posted: bool
    held: bool


class StandingItemsOut(Output):
    """`held` says why items wait, null if none waits. `declared_at` is when somebody last answered."""

    work_order_number: str | None
    items: list[StandingItemOut]
    held: FindingOut | None
    declared_at: Moment | None

    @classmethod
    def of(cls, standing: ItemsStanding) -> Self:
        return super().of(standing, work_order_number=standing.number or None)


class ItemsDeclaredOut(Output):
    """`entered` lines count as posted from now on. `left` are the items that a send would post. `retry` are the job's
    failed sends that waited for this answer."""

    work_order_number: str
    entered: list[LedgerLineOut]
    left: list[StandingItemOut]
    retry: list[str]

    @classmethod
    def of(cls, said: Declared) -> Self:
        entered = [LedgerLineOut.of(line) for line in said.entered]
        return super().of(said, work_order_number=said.number, entered=entered)
