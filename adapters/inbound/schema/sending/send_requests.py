"""What callers ask of sends: one, many, which of them to list, and what a person did by hand."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Self

from pydantic import (
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    field_validator,
    model_validator,
)
from pydantic_core import PydanticCustomError

from adapters.inbound.schema.schema_base import CURSOR, Input, Items, JobId, MomentIn, Tasks, Text
from adapters.inbound.schema.setting_fields import DAY_OR_MOMENT, start_of_day
from adapters.inbound.schema.terms import (
    SEND_ID,
    ConnectionNameIn,
    PlanHashIn,
    eg,
)
from core.model.sending.send import SendState
from core.model.sending.send_filter import SendFilter
from core.model.work_orders.cost_line import ItemsMode
from core.model.work_orders.job_service import TasksMode
from core.services.sending.batches import LARGEST_BATCH


def _states(value: object) -> object:
    if not isinstance(value, str):
        return value
    try:
        return tuple(SendState(word.strip()) for word in value.split(","))
    except ValueError as error:
        raise PydanticCustomError(
            "send_state", "must be one or more of {states}, with commas between", {"states": ", ".join(SendState)}
        ) from error


JobNumberIn = Annotated[str, StringConstraints(pattern=r"^\S(?:.{0,38}\S)?$"), eg("104482")]
Since = Annotated[MomentIn, BeforeValidator(start_of_day), DAY_OR_MOMENT]
"""A moment, or a day, which begins at midnight in UTC."""


class SendIn(Input):
    """Which job to send, named by its id or by its number, where, and with which items."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"job_id": "2412087334600705", "connection": "main", "items": "none"}]}
    )

    job_id: JobId | None = None
    job_number: Annotated[JobNumberIn, eg(None)] | None = None
    """The job number that people see in ServiceTrade, in place of the id: the job is looked up there. Null: the id is
    given."""
    connection: ConnectionNameIn
    items: Items = ItemsMode.NONE
    """Which items of the job to post. Items need a completed job."""
    tasks: Tasks = TasksMode.NEW_ONLY
    """Which services of the job become work order tasks, on a connection that sends tasks and in a send with items."""
    adopt: bool = False
    """Continue with the number that the job already has, although another job or system is known to use it."""
    plan_hash: PlanHashIn | None = None
    """The `plan_hash` of the preview that you have seen: if anything has changed since, nothing is sent, and the answer
    is 409 with the new plan. Null: send what is right when it is sent."""

    @property
    def asks_remote_systems(self) -> bool:
        """Most sends are only stored, and planned by the worker."""
        planned_at_once = self.plan_hash or self.items is not ItemsMode.NONE or self.tasks is TasksMode.AGAIN
        return bool(self.job_number or planned_at_once)

    @model_validator(mode="after")
    def _one_job(self) -> Self:
        if (self.job_id is None) == (self.job_number is None):
            raise PydanticCustomError("one_job", "must have either job_id or job_number")
        return self


class CompleteIn(Input):
    """Where to send the job once it is completed in ServiceTrade, and with which items."""

    connection: ConnectionNameIn
    items: Items = ItemsMode.NONE
    """Which items of the job to post."""
    tasks: Tasks = TasksMode.NEW_ONLY
    """Which services of the job become work order tasks, on a connection that sends tasks and in a send with items."""
    adopt: bool = False
    """Continue with the number that the job already has, although another job or system is known to use it."""
    plan_hash: PlanHashIn | None = None
    """The `plan_hash` of a preview with `completing`: if anything has changed since, nothing is done, and the answer is
    409 with the new plan. Null: send what is right when it is sent."""


class BatchIn(Input):
    """One send for each job: all are stored, or none."""

    job_ids: list[JobId] = Field(min_length=1, max_length=LARGEST_BATCH)
    """ServiceTrade's ids of the jobs, each once."""
    connection: ConnectionNameIn
    items: Items = ItemsMode.NONE
    """Which items of each job to post. Each job must then be completed before its send runs."""
    tasks: Tasks = TasksMode.NEW_ONLY
    """Which services of the job become work order tasks, on a connection that sends tasks and in a send with items."""

    @field_validator("job_ids")
    @classmethod
    def _once_each(cls, job_ids: list[str]) -> list[str]:
        if len(set(job_ids)) < len(job_ids):
            raise PydanticCustomError("job_twice", "must name each job once")
        return job_ids


class SendIdsIn(Input):
    """The sends to retry or to cancel."""

    send_ids: list[Annotated[Text, SEND_ID]] = Field(min_length=1, max_length=LARGEST_BATCH)
    """Ids of the sends, all of one connection."""


class MarkDoneIn(Input):
    """What a person did by hand."""

    reason: Annotated[str, StringConstraints(min_length=1, max_length=500), eg("Entered by hand as T104482.")]
    """What was done in Spectrum; the audit keeps it."""


class Include(StrEnum):
    """A large part of a send"""

    ATTEMPTS = "attempts"
    """The newest attempts"""
    LINES = "lines"
    """The cost lines"""
    PLAN = "plan"
    """The plan"""


def _parts(value: object) -> object:
    if not isinstance(value, str):
        return value
    try:
        return tuple(Include(word.strip()) for word in value.split(",") if word.strip())
    except ValueError as error:
        raise PydanticCustomError(
            "include", "must be one or more of {parts}, with commas between", {"parts": ", ".join(Include)}
        ) from error


class SendQuery(Input):
    """Which large parts of a send are wanted."""

    include: Annotated[tuple[Include, ...], BeforeValidator(_parts), eg(["attempts"])] = tuple(Include)
    """The large parts that the answer has, with commas between; the others are null. An empty value: none of them. Left
    out: all of them."""


class SendsQuery(Input):
    """Which sends are wanted. The filters add up."""

    state: Annotated[tuple[SendState, ...], BeforeValidator(_states), eg(["needs_attention", "in_doubt"])] = ()
    """Only sends in these states, with commas between, or the parameter repeated. Left out: all states."""
    job_id: JobId | None = None
    job_number: JobNumberIn | None = None
    """Only sends of the job with this number. A send has its number once it is planned."""
    connection: ConnectionNameIn | None = None
    """Only sends of this connection, by its short name."""
    batch: Annotated[Text, eg("bat_01KJPV4V00EXAMPLE0000000B1")] | None = None
    """Only sends of this batch."""
    cause: Annotated[Text, eg("MAP_SITE_MISSING")] | None = None
    """Only sends that are not done for this cause: the code in their `cause`."""
    text: Annotated[Text, eg("104482")] | None = None
    """A whole job number, work order number, or id of a job or a send; or a part of a customer's name."""
    since: Since | None = None
    """Only sends requested at this moment or later. A day begins at midnight in UTC."""
    until: Since | None = None
    """Only sends requested before this moment. A day begins at midnight in UTC."""
    limit: int = Field(default=50, ge=1, le=200)
    """The most sends in one answer."""
    cursor: Annotated[Text, CURSOR] | None = None

    @property
    def only(self) -> SendFilter:
        """All but the connection, which is named by its short name."""
        return SendFilter(
            states=self.state,
            job_id=self.job_id,
            job_number=self.job_number,
            batch_id=self.batch,
            cause=self.cause,
            text=self.text,
            since=self.since,
            until=self.until,
        )
