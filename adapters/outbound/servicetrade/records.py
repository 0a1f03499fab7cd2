"""ServiceTrade's records in the shapes that they come in: numbers as text, nothing as `[]`, references as bare ids.

Shapes [seen]. Members that planning does not use are not read. Of those here, a member that only some rules or lists
use is left empty if it cannot be read; a member that decides what is written makes its record unreadable.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Annotated, Any, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    ValidationInfo,
    ValidatorFunctionWrapHandler,
    WrapValidator,
)

from adapters.net.json_shapes import identifier, key_of, quoted, rows_of, sole, text, text_or_nothing
from adapters.outbound.servicetrade.refusal import record_unreadable
from adapters.outbound.servicetrade.unreachable import wrong_address
from core.model.planning.job import COMPLETED
from core.model.tenants.tenant import ServiceTradeAccount

AnyRecord = TypeVar("AnyRecord", bound="Record")


def external_ids(value: object, system: str | None) -> dict[str, str]:
    """Read an object of external ids: the one of `system`, or of every system for None. Null counts as not set, a blank
    text as set. Raises ValueError if it cannot be read."""
    ids = sole(value)
    if ids is None or ids is False:
        return {}
    if not isinstance(ids, dict):
        raise ValueError("not external ids")  # noqa: TRY004 - one error for every odd shape
    set_here = {name: code for name, code in ids.items() if sole(code) is not None or code == ""}
    return {name: text(code) for name, code in set_here.items() if system in (None, name)}


def _reference(value: object) -> object:
    """Read a reference: an object with an id, a bare id, or nothing."""
    one = sole(value)
    id_ = identifier(one.get("id") if isinstance(one, dict) else one)
    return {"id": id_, "name": one.get("name") if isinstance(one, dict) else ""} if id_ else None


def _named(value: object) -> object:
    """Read a member that is a name, an object with a name, or a bare id. What it cannot be is an object of no name."""
    one = sole(value)
    if one is None or one is False or isinstance(one, dict):
        return one or None
    try:
        id_ = identifier(one)
    except ValueError:
        return {"name": one} if isinstance(one, str) else {}
    return {"id": id_} if id_ else None


def _named_list(value: object) -> object:
    """Read a list of named members, or one where a list is expected."""
    rows = rows_of(value)
    found = map(_named, [value] if rows is None else rows)
    return [one for one in found if one is not None]


def _moment(value: object) -> object:
    told = "" if value is False else text(value).strip()
    return None if told in ("", "0") else told


def _key(value: object) -> str:
    key = key_of({"id": value})
    if not key:
        raise ValueError("not an id")
    return key


def _nothing_if_odd(value: object, read: ValidatorFunctionWrapHandler) -> Any:
    try:
        return read(value)
    except ValidationError:
        return None


def _needed_if_completed(value: object, read: ValidatorFunctionWrapHandler, info: ValidationInfo) -> Any:
    try:
        return read(value)
    except ValidationError:
        if completed(info.data.get("status", "")):
            raise
        return None


def completed(status: str) -> bool:
    return status.strip().lower() in COMPLETED


Key = Annotated[str, BeforeValidator(_key)]
Text = Annotated[str, BeforeValidator(text)]
OptionalText = Annotated[str | None, BeforeValidator(lambda value: text(value) or None)]
SpareText = Annotated[str, BeforeValidator(text_or_nothing)]
"""Text that nobody needs."""
Moment = Annotated[
    datetime | None,
    BeforeValidator(_moment),
    AfterValidator(lambda moment: moment.replace(tzinfo=UTC) if moment and moment.tzinfo is None else moment),
]
SpareMoment = Annotated[Moment, WrapValidator(_nothing_if_odd)]
Completion = Annotated[Moment, WrapValidator(_needed_if_completed)]
"""It distinguishes one completion from another, so a completed job needs it. Stands behind `status`."""
ExternalIds = Annotated[dict[str, str], BeforeValidator(lambda value, info: external_ids(value, info.context))]


class Record(BaseModel):
    model_config = ConfigDict(coerce_numbers_to_str=True, hide_input_in_errors=True, frozen=True)


class Named(Record):
    id: SpareText = ""
    name: SpareText = ""
    abbr: SpareText = ""


class Stub(Record):
    id: Key
    name: SpareText = ""


def named(value: object) -> Named | None:
    """Read a record with a name. What it is not is left empty."""
    members = _named(value)
    return None if members is None else Named.model_validate(members)


def service_line(line: Named | None) -> str:
    return (line.name or line.abbr) if line else ""


class PartyRecord(Record):
    """A company or a location."""

    id: Key
    name: SpareText = ""
    externalIds: ExternalIds = Field(default_factory=dict)


Reference = Annotated[Stub | None, BeforeValidator(_reference)]
SpareReference = Annotated[Reference, WrapValidator(_nothing_if_odd)]
NamedMember = Annotated[Named | None, BeforeValidator(_named)]
NamedList = Annotated[list[Named], BeforeValidator(_named_list)]


class JobRecord(Record):
    """A job, from either shape. Times are Unix seconds UTC."""

    id: Key
    number: Annotated[str | None, BeforeValidator(lambda value: text(value).strip() or None)] = None
    status: Text = ""
    type: Text = ""
    name: SpareText = ""
    description: Text = ""
    customerPo: Text = ""
    customer: Reference = None
    location: Reference = None
    contract: Reference = None
    externalIds: ExternalIds = Field(default_factory=dict)
    assignedOffice: NamedMember = None
    offices: NamedList = Field(default_factory=list)
    serviceLine: NamedMember = None
    tags: NamedList = Field(default_factory=list)
    completedOn: Completion = None
    updated: SpareMoment = None


class CompletionRecord(Record):
    """The members of a job that describe its completion. A job without a status is not taken for an open one."""

    id: Key
    status: Annotated[Text, Field(pattern=r"\S")]
    completedOn: Completion = None
    updated: SpareMoment = None


class TaggedRecord(Record):
    id: Key
    tags: NamedList = Field(default_factory=list)


class UpcomingRecord(Record):
    """The members of a row of the job list that say what the job waits for."""

    id: Key
    number: SpareText = ""
    scheduledDate: SpareMoment = None
    customer: SpareReference = None
    location: SpareReference = None
    contract: SpareReference = None


class WebhookRecord(Record):
    id: Key
    hookUrl: SpareText = ""
    enabled: Annotated[bool | None, WrapValidator(_nothing_if_odd)] = None


class CommentRecord(Record):
    id: Key
    content: SpareText = ""


class ValueRecord(Record):
    """The answer to a read of an external id. A blank value was removed."""

    value: OptionalText = None


_BESIDE = {
    "contract": ("contracts",),
    "assignedOffice": ("offices", "locations"),
    "offices": ("offices", "locations"),
    "serviceLine": ("serviceLines",),
    "tags": ("tags",),
}
"""The lists beside a job that may hold the record of a bare id."""


def detail(data: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """The record of both shapes of an answer: `data` itself, or the member of it that has the record's name."""
    inside = None if "id" in data else sole(data.get(name))
    return inside if isinstance(inside, dict) else data


def job_members(data: Mapping[str, Any]) -> Mapping[str, Any]:
    """The job of both shapes: it is `data` itself, or `data.job` with bare ids next to lists of the records."""
    job = sole(data.get("job"))
    if not isinstance(job, dict):
        return data
    named = {
        member: _with_name(job[member], [row for key in keys for row in _rows(data.get(key))])
        for member, keys in _BESIDE.items()
        if member in job
    }
    return {**job, **named}


def _rows(listed: object) -> Iterable[Mapping[str, Any]]:
    return (row for row in rows_of(listed) or () if isinstance(row, dict))


def _with_name(value: object, records: list[Mapping[str, Any]]) -> object:
    if (rows := rows_of(value)) is not None:
        return [_with_name(one, records) for one in rows]
    key = key_of(value if isinstance(value, dict) else {"id": value})
    if not key or (isinstance(value, dict) and sole(value.get("name")) is not None):
        return value
    return next((record for record in records if key_of(record) == key), value)


def read_from(
    account: ServiceTradeAccount,
    kind: type[AnyRecord],
    data: object,
    said: str,
    what: str,
    system: str | None = None,
) -> AnyRecord:
    """Read a record of an answer: `what` names it, such as "the job 12"; external ids are those of `system`.

    Raises TenantMends: ST_RECORD_UNREADABLE for a member that is needed, ST_BASE_URL_WRONG if this is no record at all;
    `said` continues "The address ... ".
    """
    if "id" in kind.model_fields and (not isinstance(data, dict) or "id" not in data):
        raise wrong_address(account.base_url, said)
    try:
        return read(kind, data, system)
    except ValueError as error:
        raise record_unreadable(what, str(error)) from error


def read(kind: type[AnyRecord], data: object, system: str | None = None) -> AnyRecord:
    """Read a record. Raises ValueError, which names the members that cannot be read, with their values."""
    try:
        return kind.model_validate(data, context=system)
    except ValidationError as error:
        raise ValueError(_odd_members(error)) from None


def _odd_members(error: ValidationError) -> str:
    told: dict[str, str] = {}
    for one in error.errors(include_url=False):
        member = str(one["loc"][0]) if one["loc"] else "record"
        missing = one["type"] == "missing"
        told.setdefault(member, f"{member} is {'missing' if missing else quoted(one['input'])}")
    return ", ".join(told.values())
