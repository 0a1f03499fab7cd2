"""ServiceTrade's records as it sends them: numbers as text, null for no value, references as stubs or bare ids.

Shapes [seen]; members that planning does not use are not read.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from adapters.outbound.servicetrade.unreachable import wrong_address
from core.model.tenants.tenant import ServiceTradeAccount

AnyRecord = TypeVar("AnyRecord", bound="Record")


def _text(value: object) -> object:
    return "" if value is None else value


def _optional_text(value: object) -> object:
    return None if value == "" else value


def _stub(value: object) -> object:
    """Read a reference: an object with an id, a bare id, or nothing."""
    if isinstance(value, (int, str)) and not isinstance(value, bool):
        return {"id": value} if value else None
    return value if isinstance(value, dict) and value.get("id") else None


def _external_ids(value: object) -> object:
    """Read an object keyed by system, or an empty list for none. Null values count as not set."""
    return {system: code for system, code in value.items() if code is not None} if isinstance(value, dict) else {}


def _named(value: object) -> object:
    """Read a member that is a name or an object with a name."""
    return {"name": value} if isinstance(value, str) else value


Text = Annotated[str, BeforeValidator(_text)]
OptionalText = Annotated[str | None, BeforeValidator(_optional_text)]
Moment = Annotated[datetime | None, BeforeValidator(lambda value: value or None)]
ExternalIds = Annotated[dict[str, str], BeforeValidator(_external_ids)]


class Record(BaseModel):
    model_config = ConfigDict(coerce_numbers_to_str=True, hide_input_in_errors=True, frozen=True)


class Named(Record):
    name: Text = ""
    abbr: Text = ""


class Stub(Record):
    id: str
    name: Text = ""


class Tag(Record):
    name: Text = ""


class PartyRecord(Record):
    """A company or a location."""

    id: str
    name: Text = ""
    externalIds: ExternalIds = Field(default_factory=dict)


Reference = Annotated[Stub | None, BeforeValidator(_stub)]
NamedMember = Annotated[Named | None, BeforeValidator(_named)]
Listed = BeforeValidator(lambda value: value if isinstance(value, list) else [])


class JobRecord(Record):
    """A job, from either shape. Times are Unix seconds UTC."""

    id: str
    number: OptionalText = None
    status: Text = ""
    type: Text = ""
    name: Text = ""
    description: Text = ""
    customerPo: Text = ""
    customer: Reference = None
    location: Reference = None
    contract: Reference = None
    externalIds: ExternalIds = Field(default_factory=dict)
    assignedOffice: NamedMember = None
    offices: Annotated[list[Named], Listed] = Field(default_factory=list)
    serviceLine: NamedMember = None
    tags: Annotated[list[Tag], Listed] = Field(default_factory=list)
    completedOn: Moment = None
    updated: Moment = None


class CompletionRecord(Record):
    """The fields of a row of the job list that describe its completion."""

    id: str
    status: Text = ""
    completedOn: Moment = None
    updated: Moment = None


class UpcomingRecord(Record):
    """The fields of a row of the job list that say what the job waits for."""

    id: str
    number: OptionalText = None
    scheduledDate: Moment = None
    customer: Reference = None
    location: Reference = None
    contract: Reference = None


class WebhookRecord(Record):
    id: Annotated[str, Field(min_length=1)]
    hookUrl: Text = ""
    enabled: Annotated[bool, BeforeValidator(lambda value: True if value is None else value)] = True


class CommentRecord(Record):
    id: str
    content: Text = ""


class ValueRecord(Record):
    """The answer to a read of an external id. A blank value was removed."""

    value: OptionalText = None


def job_record(data: Mapping[str, Any]) -> JobRecord:
    """Read both shapes: the job is `data` itself, or `data.job` with bare ids next to lists of the records.
    Raises ValueError if it is neither."""
    job = data.get("job")
    if not isinstance(job, dict):
        return read(JobRecord, data)
    contract = _stub(job.get("contract"))
    beside = data.get("contracts")
    for other in beside if isinstance(beside, list) else []:
        if isinstance(contract, dict) and isinstance(other, dict) and str(other.get("id")) == str(contract["id"]):
            contract = other
    return read(JobRecord, {**job, "contract": contract})


def read_from(account: ServiceTradeAccount, kind: type[AnyRecord], data: object, said: str) -> AnyRecord:
    """Read a record of an answer. Raises TenantMends (ST_BASE_URL_WRONG); `said` continues "The address ... "."""
    try:
        return read(kind, data)
    except ValueError as error:
        raise wrong_address(account.base_url, f"{said} ({error})") from error


def read(kind: type[AnyRecord], data: object) -> AnyRecord:
    """Read a record. Raises ValueError, which names the invalid members but never their content."""
    try:
        return kind.model_validate(data)
    except ValidationError as error:
        wrong = ", ".join(dict.fromkeys(".".join(map(str, one["loc"])) or "record" for one in error.errors()))
        raise ValueError(f"{kind.__name__.removesuffix('Record').lower()}: {wrong} not as expected") from None
