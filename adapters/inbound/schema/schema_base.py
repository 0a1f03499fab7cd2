"""Rules of all messages: unknown fields are refused, values are not converted, times are RFC 3339 in UTC."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any, ClassVar, Generic, Self, TypeVar

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    StringConstraints,
    WithJsonSchema,
)
from pydantic_core import PydanticCustomError

from core.model.shared.figures import plain
from core.model.shared.moments import EARLIEST, LATEST
from core.model.work_orders.cost_line import ItemsMode
from core.model.work_orders.job_service import TasksMode

Item = TypeVar("Item", bound=BaseModel)
CURSOR = Field(description="The `next` of the page before. Left out: the first page.", examples=["YmVmb3JlOjExOA"])


class Input(BaseModel):
    """A request body or query. Errors never repeat the value, because it may be a secret."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, hide_input_in_errors=True, defer_build=True)

    @property
    def asks_remote_systems(self) -> bool:
        """Whether a call that may ask ServiceTrade or Spectrum does so for this input."""
        return True


class Output(BaseModel):
    """A part of an answer."""

    model_config = ConfigDict(extra="forbid", frozen=True, from_attributes=True, defer_build=True)

    @classmethod
    def of(cls, *shown: Any, **given: Any) -> Self:
        """The answer about objects of the core. A field that is not given is the attribute with its name, of the last
        object that has one; an object in it becomes the field's own model in the same way."""
        wanted = cls.model_fields.keys() - given.keys()
        found = {name: getattr(one, name) for one in shown for name in wanted if hasattr(one, name)}
        return cls.model_validate(found | given)


class Nothing(Input):
    """No fields."""


class PageQuery(Input):
    """Which part of a list is wanted."""

    limit: int = Field(default=100, ge=1, le=500)
    """The most entries in one answer."""
    cursor: Annotated[str, StringConstraints(max_length=500), CURSOR] | None = None


class FileOut(Output):
    """An answer that is a file of any length, which is read while it is sent."""

    media_type: ClassVar[str]
    name: str
    """The name that it is saved under."""
    pieces: Annotated[Callable[[], AsyncIterator[str]], WithJsonSchema({"type": "string"})]
    """Reads its text piece by piece."""


class Csv(FileOut):
    """An answer that is text/csv, with a heading."""

    media_type = "text/csv"


class Lines(FileOut):
    """An answer that has one JSON document a line."""

    media_type = "application/x-ndjson"


class Page(Output, Generic[Item]):
    """One page of a list."""

    items: list[Item]
    """The entries of this page, in the order that the call names."""
    next: Annotated[str, Field(examples=["YmVmb3JlOjExOA"])] | None = None
    """The `cursor` of the next page. Null: this is the last page."""


def _in_utc(at: datetime) -> str:
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _one_line(text: str) -> str:
    if not text.isprintable():
        raise PydanticCustomError("one_line", "must be one line without control characters")
    return text


def one_of(values: type[StrEnum]) -> BeforeValidator:
    """Accepts a value of the enumeration, as it is or as text; the error names all of them."""

    def read(value: object) -> StrEnum:
        try:
            return values(str(value))
        except ValueError as error:
            raise PydanticCustomError("one_of", "must be one of {values}", {"values": ", ".join(values)}) from error

    return BeforeValidator(read)


Moment = Annotated[
    datetime,
    PlainSerializer(_in_utc, return_type=str),
    Field(examples=["2026-03-02T09:00:00Z"], json_schema_extra={"format": "date-time"}),
]
"""A moment in an answer: RFC 3339, in UTC."""
MomentIn = Annotated[AwareDatetime, Field(ge=EARLIEST, le=LATEST)]
"""A moment that a caller gives, with its time zone."""


def _figure(value: Decimal | str) -> str:
    """A text is one that was written here before: documents of the command line are read back."""
    return value if isinstance(value, str) else plain(value)


Figure = Annotated[str, BeforeValidator(_figure), Field(json_schema_extra={"format": "decimal"})]
"""A number of the core, as text."""
Text = Annotated[str, StringConstraints(max_length=200), AfterValidator(_one_line)]
"""The length comes first: after a function of ours it would be told in items instead of characters."""
JobId = Annotated[
    str,
    StringConstraints(pattern=r"^[0-9]{1,16}$"),
    Field(
        description="ServiceTrade's id of the job: up to 16 digits, as text. It is the number in the job's address in"
        " ServiceTrade, and not the job number that people see.",
        examples=["2412087334600705"],
    ),
]
Items = Annotated[ItemsMode, one_of(ItemsMode)]
"""Which items of a completed job to post."""
Tasks = Annotated[TasksMode, one_of(TasksMode)]
"""Which services of a completed job become work order tasks."""
