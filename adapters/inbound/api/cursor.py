"""Opaque cursors: where the next page of a list begins. Their content may change between versions.

A cursor gives no access: a list contains only its own tenant's records, whatever the cursor says.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Protocol, TypeVar

from pydantic import BaseModel

from adapters.inbound.api.call import Reply
from adapters.inbound.schema.schema_base import Page, PageQuery
from core.model.mappings.code_place import place_in
from core.model.mappings.suggested_record import RANKS, SortKey
from core.model.shared.errors import BadInput, FieldError
from core.model.shared.position import Position
from ports.storage.work_orders import UnclearPosition

_LARGEST = 2**63 - 1
_JOB = re.compile(r"[0-9]{1,16}", re.ASCII)
_ID = re.compile(r"[a-z]{2,8}_[0-9A-Za-z_]{1,64}")


class HasId(Protocol):
    @property
    def id(self) -> str: ...


Item = TypeVar("Item", bound=BaseModel)
Listed = TypeVar("Listed", bound=HasId)


def encode(before: int) -> str:
    """For a list sorted by a running number."""
    return _wrapped(f"before:{before}")


def decode(cursor: str | None) -> int | None:
    """The number in a cursor, None for the first page. Raises BadInput for text that `encode` did not make."""
    if not cursor:
        return None
    number = _unwrapped(cursor, "before")
    if not number.isascii() or not number.isdecimal() or int(number) > _LARGEST or encode(int(number)) != cursor:
        raise _refused()
    return int(number)


def encode_position(position: Position) -> str:
    """For a list sorted by time."""
    return _wrapped(f"at:{position.at.astimezone(UTC).isoformat()}/{position.id}")


def decode_position(cursor: str | None) -> Position | None:
    """The position in a cursor, None for the first page. Raises BadInput for text that is no cursor of such a list."""
    if not cursor:
        return None
    moment, _, id = _unwrapped(cursor, "at").partition("/")
    try:
        at = datetime.fromisoformat(moment)
    except ValueError as error:
        raise _refused() from error
    if at.tzinfo is None or not _ID.fullmatch(id):
        raise _refused()
    return Position(at, id)


def page_before(items: Sequence[Item], next_before: int | None) -> Reply[Page[Item]]:
    """The answer with a page of a list sorted by a running number, which begins the next page."""
    return Reply(Page(items=list(items), next=None if next_before is None else encode(next_before)))


def decode_id(cursor: str | None) -> str | None:
    """The id in a cursor, None for the first page. Raises BadInput for text that is no cursor of such a list.

    Ids are ordered by time, so the record of the cursor need not exist any more.
    """
    if not cursor:
        return None
    seen = _unwrapped(cursor, "id")
    if not _ID.fullmatch(seen):
        raise _refused()
    return seen


def page_by(items: Sequence[Item], last: str | None) -> Reply[Page[Item]]:
    """The answer with a page of a list sorted by id; `last` is the last id of the page if another one follows."""
    return Reply(Page(items=list(items), next=None if last is None else _wrapped(f"id:{last}")))


def page_by_id(listed: Sequence[Listed], asked: PageQuery, shown: Callable[[Listed], Item]) -> Reply[Page[Item]]:
    """The answer with a page, oldest first, of a list that is read whole."""
    seen = decode_id(asked.cursor)
    ordered = sorted((one for one in listed if seen is None or one.id > seen), key=lambda one: one.id)
    page = ordered[: asked.limit]
    return page_by([shown(one) for one in page], page[-1].id if len(ordered) > asked.limit else None)


def decode_job(cursor: str | None) -> str | None:
    """The id of a job in a cursor, None for the first page. Raises BadInput for text that is no cursor of such a
    list."""
    if not cursor:
        return None
    seen = _unwrapped(cursor, "job")
    if not _JOB.fullmatch(seen):
        raise _refused()
    return seen


def page_of_jobs(items: Sequence[Item], last: str | None) -> Reply[Page[Item]]:
    """The answer with a page of a list sorted by the ids of jobs; `last` is the last one if another page follows."""
    return Reply(Page(items=list(items), next=None if last is None else _wrapped(f"job:{last}")))


def decode_code(cursor: str | None) -> str | None:
    """The place in a list of codes, None for the first page. Raises BadInput for text that is no cursor of such a
    list."""
    if not cursor:
        return None
    place = _unwrapped(cursor, "code")
    try:
        place_in(place)
    except ValueError as error:
        raise _refused() from error
    return place


def page_of_codes(items: Sequence[Item], place: str | None) -> Reply[Page[Item]]:
    """The answer with a page of a list of codes; `place` is where another page begins, if there is one."""
    return Reply(Page(items=list(items), next=None if place is None else _wrapped(f"code:{place}")))


def decode_record(cursor: str | None) -> SortKey | None:
    """The place of a ServiceTrade record in a cursor, None for the first page. Raises BadInput for text that is no
    cursor of such a list."""
    if not cursor:
        return None
    try:
        place = json.loads(_unwrapped(cursor, "record"))
    except ValueError as error:
        raise _refused() from error
    match place:
        case [int(score), int(rank), str(name), str(record)]:
            if 0 <= score <= 100 and 0 <= rank < len(RANKS) and _JOB.fullmatch(record) and _sound(name):
                return score, rank, name, record
    raise _refused()


def encode_unclear(position: UnclearPosition) -> str:
    """For the list of notes and documents to check."""
    at = position.at.astimezone(UTC).isoformat()
    return _wrapped(f"unclear:{json.dumps([at, position.connection_id, position.job_id, position.key])}")


def decode_unclear(cursor: str | None) -> UnclearPosition | None:
    """The position in a cursor, None for the first page. Raises BadInput for text that is no cursor of that list."""
    if not cursor:
        return None
    try:
        match json.loads(_unwrapped(cursor, "unclear")):
            case [str(at), str(connection), str(job), str(key)] if all(map(_sound, (connection, job, key))):
                moment = datetime.fromisoformat(at)
                if moment.tzinfo is not None:
                    return UnclearPosition(moment, connection, job, key)
    except ValueError as error:
        raise _refused() from error
    raise _refused()


def _sound(name: str) -> bool:
    return "\0" not in name and not any("\ud800" <= sign <= "\udfff" for sign in name)


def page_of_records(items: Sequence[Item], last: SortKey | None) -> Reply[Page[Item]]:
    """The answer with a page of ServiceTrade's records; `last` is the place of the last one if another page follows."""
    return Reply(Page(items=list(items), next=None if last is None else _wrapped(f"record:{json.dumps(last)}")))


def _wrapped(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _unwrapped(cursor: str, kind: str) -> str:
    try:
        text = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode("ascii")
    except (binascii.Error, ValueError) as error:
        raise _refused() from error
    found, _, content = text.partition(":")
    if found != kind or _wrapped(text) != cursor:
        raise _refused()
    return content


def _refused() -> BadInput:
    return BadInput(
        "This cursor is not valid.",
        fix="Pass the `next` of the previous page unchanged, or leave it out to start from the beginning.",
        errors=[FieldError("/cursor", "must be the `next` of an earlier page of this list")],
    )
