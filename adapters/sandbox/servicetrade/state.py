"""The state of the sandbox ServiceTrade: one account with its customers, jobs, comments, sessions and settings.

Records are keyed by id. Ids are digits here and integers in the API. Everything is plain data: the control port shows
it as JSON, and accepts a whole state (PUT) or a JSON merge patch (PATCH: null removes an entry).
"""

from __future__ import annotations

import time
from base64 import b64encode
from decimal import Decimal
from typing import Any

from pydantic import Field

from adapters.sandbox.controlled_state import ControlledState, Record
from adapters.sandbox.servicetrade.account import Delivery, Login, Settings, Webhook
from adapters.sandbox.servicetrade.parties import Company, Contract, LibraryItem, Location

JOB, COMPANY, LOCATION, CONTACT, JOB_ITEM = 3, 5, 11, 22, 23
ENTITY_NAMES = {JOB: "job", COMPANY: "company", LOCATION: "location", CONTACT: "contact", JOB_ITEM: "jobitem"}
STATUSES = (
    "new",
    "scheduled",
    "canceled",
    "bidding",
    "completed",
    "pending_invoice",
    "sending_invoice",
    "invoiced",
    "closed",
)
_OWN_LIBRARY = 10**15
"""Ids of library items that only one job item has begin here."""
COMPLETED = frozenset({"completed", "pending_invoice", "sending_invoice", "invoiced", "closed"})


class Job(Record):
    """References are ids or None; times are Unix seconds.

    `completed_last` is the completion before the job was reopened. If `refuses_completion` is not empty, the API
    refuses to complete the job: 409 with this message.
    """

    number: str | None
    status: str = "scheduled"
    type: str = "repair"
    description: str = ""
    customer_po: str | None = None
    customer: str | None = None
    location: str | None = None
    contract: str | None = None
    service_line: str | None = "SPR"
    office: str | None = "Raleigh Office"
    tags: list[str] = Field(default_factory=list)
    scheduled_date: int | None = None
    completed_on: int | None = None
    completed_last: int | None = None
    refuses_completion: str = ""
    created: int = 1794825000
    updated: int = 1795180321
    external_ids: dict[str, str] = Field(default_factory=dict)


class JobItem(Record):
    """`library` names its library item. Without one, the item has a library item of its own, made from `kind` (its
    type; null: none), `code` and `library_external_ids`.

    Quantity and cost are exact, and texts in the control port's JSON. A null cost was not entered.
    """

    job: str
    name: str | None
    kind: str | None = "part"
    code: str | None = None
    quantity: Decimal | None = Decimal(1)
    cost: Decimal | None = None
    source: str | None = None
    service_line: str | None = None
    library: str | None = None
    library_external_ids: dict[str, str] = Field(default_factory=dict)
    external_ids: dict[str, str] = Field(default_factory=dict)


class JobService(Record):
    """A service ("service request") of a job."""

    job: str
    description: str | None
    status: str = "closed"
    service_line: str | None = "Sprinkler"


class Attachment(Record):
    """A file of a job. `content` is in base64; `purpose` 1 is job paperwork."""

    job: str
    name: str
    content: str
    purpose: int = 1


class Comment(Record):
    entity_type: int = JOB
    entity: str
    content: str
    visibility: list[str] = Field(default_factory=list)
    pinned: bool = False
    created: int = 1795180400


class ServiceTradeState(ControlledState):
    """One account. `time_zone` is its user's. `sessions` are the valid tokens, oldest first. `access_tokens` maps a
    token to its end."""

    name: str = "Cardinal Fire & Mechanical"
    time_zone: str | None = None
    settings: Settings = Field(default_factory=Settings)
    login: Login = Field(default_factory=Login)
    external_systems: list[str] = Field(default_factory=lambda: ["spectrum"])
    companies: dict[str, Company] = Field(default_factory=dict)
    locations: dict[str, Location] = Field(default_factory=dict)
    contracts: dict[str, Contract] = Field(default_factory=dict)
    library_items: dict[str, LibraryItem] = Field(default_factory=dict)
    jobs: dict[str, Job] = Field(default_factory=dict)
    job_items: dict[str, JobItem] = Field(default_factory=dict)
    services: dict[str, JobService] = Field(default_factory=dict)
    attachments: dict[str, Attachment] = Field(default_factory=dict)
    comments: dict[str, Comment] = Field(default_factory=dict)
    webhooks: dict[str, Webhook] = Field(default_factory=dict)
    deliveries: list[Delivery] = Field(default_factory=list)
    syncs: list[dict[str, Any]] = Field(default_factory=list)
    sessions: list[str] = Field(default_factory=list)
    access_tokens: dict[str, float] = Field(default_factory=dict)
    refresh_tokens: list[str] = Field(default_factory=list)
    balance_ms: float = 60_000
    next_id: int = 2600000000000001

    def take_id(self) -> str:
        """Return the next free id: sixteen digits, like ServiceTrade's ids."""
        self.next_id += 512
        return str(self.next_id)

    def add_company(self, name: str = "Harborview Foods Inc", **external_ids: str) -> str:
        """Add a company with its external ids by system name, and return its id."""
        self.companies[added := self.take_id()] = Company(name=name, external_ids=external_ids)
        return added

    def add_location(self, name: str = "Harborview Foods - Plant 2", *, company: str = "", **external_ids: str) -> str:
        self.locations[added := self.take_id()] = Location(name=name, company=company, external_ids=external_ids)
        return added

    def add_contract(self, name: str = "Harborview Master Service", *, company: str = "", **external_ids: str) -> str:
        self.contracts[added := self.take_id()] = Contract(name=name, company=company, external_ids=external_ids)
        return added

    def add_job(self, number: str | None = None, *, id: str | None = None, **fields: Any) -> str:
        """Add a job and return its id. Fields of Job that are not in `fields` have their default."""
        added = id or self.take_id()
        self.jobs[added] = Job(number=number, **fields)
        return added

    def set_status(self, job: str, status: str) -> list[dict[str, str]]:
        """Set the status of a job and return the changeset, empty if the job already had this status.

        Reopening clears the time of completion. Completing again sets a later one, even within the same second.
        """
        found = self.jobs[job]
        if status == found.status:
            return []
        changes = [{"field": "status", "oldValue": found.status, "newValue": status}]
        if status not in COMPLETED:
            found.completed_last, found.completed_on = found.completed_on or found.completed_last, None
        elif found.completed_on is None:
            found.completed_on = max(int(time.time()), (found.completed_last or 0) + 1)
        found.status = status
        self.touch(job)
        return changes

    def touch(self, job: str) -> None:
        found = self.jobs[job]
        found.updated = max(int(time.time()), found.updated)

    def complete(self, job: str) -> int | None:
        """Complete a job like the office, but without an event (see Office), and return the time of completion."""
        self.set_status(job, "completed")
        return self.jobs[job].completed_on

    def reopen(self, job: str) -> None:
        self.set_status(job, "scheduled")

    def attach(self, job: str, name: str, content: bytes, purpose: int = 1) -> str:
        """Add a file to a job and return its id."""
        added = Attachment(job=job, name=name, content=b64encode(content).decode(), purpose=purpose)
        self.attachments[key := self.take_id()] = added
        return key

    def add_job_item(self, job: str, name: str | None, **fields: Any) -> str:
        """Add an item and return its id. Give a quantity or cost with a fraction as text or Decimal."""
        self.job_items[added := self.take_id()] = JobItem(job=job, name=name, **fields)
        return added

    def library_of(self, item: str) -> tuple[str, LibraryItem] | None:
        """The library item of a job item with its id; None if it has none, or one that was deleted."""
        found = self.job_items[item]
        if found.library is not None:
            there = self.library_items.get(found.library)
            return (found.library, there) if there else None
        if found.kind is None:
            return None
        own = LibraryItem.model_construct(
            name=found.name or "",
            type=found.kind,
            code=found.code or "",
            generic=found.code is None,
            external_ids=found.library_external_ids,
        )
        return str(_OWN_LIBRARY + int(item) % _OWN_LIBRARY), own

    def add_service(self, job: str, description: str | None, **fields: Any) -> str:
        """Add a service and return its id."""
        self.services[added := self.take_id()] = JobService(job=job, description=description, **fields)
        return added

    def remove_item(self, item: str) -> None:
        del self.job_items[item]

    def comments_on(self, job: str) -> list[Comment]:
        """Return the comments, oldest first."""
        return [one for one in self.comments.values() if one.entity == job and one.entity_type == JOB]

    def drop_sessions(self) -> None:
        """End every session and access token. Refresh tokens stay valid."""
        self.sessions.clear()
        self.access_tokens.clear()

    def open_session(self, token: str) -> None:
        """Add a session. Above the limit the oldest sessions are dropped."""
        self.sessions = [*self.sessions, token][-self.settings.session_limit :]

    def token_lives(self, token: str) -> bool:
        return self.access_tokens.get(token, 0) > time.time()

    def external_ids(self, kind: str, record: str) -> dict[str, str] | None:
        """Return the stored external ids of a record, to read or change; None if there is no such record."""
        found = self.of_type(kind).get(record)
        return found.external_ids if found else None

    @property
    def library(self) -> dict[str, LibraryItem]:
        """All library items, also those that only one job item has. Their `external_ids` are the stored ones."""
        return self.library_items | dict(filter(None, map(self.library_of, self.job_items)))

    def of_type(self, kind: str) -> dict[str, Any]:
        """Return the records of an external id type such as `company`; empty for a type that the sandbox lacks."""
        records: dict[str, dict[str, Any]] = {
            "company": self.companies,
            "location": self.locations,
            "contract": self.contracts,
            "libitem": self.library if kind == "libitem" else {},
            "job": self.jobs,
            "jobitem": self.job_items,
        }
        return records.get(kind, {})
