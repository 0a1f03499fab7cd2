"""A creation: one record that is to be, or may be, or is made in Spectrum from a record of ServiceTrade."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType

from core.model.mappings.alias import AliasEntry, AliasKey, AliasKind, CodeSource
from core.model.shared.finding import Finding
from core.model.work_orders.optional_fields import ADD_CUSTOMER, ADD_SITE, UPDATE_CUSTOMER


class CreationKind(StrEnum):
    """What is written."""

    SITE = "site"
    """A new site from a location"""
    CUSTOMER = "customer"
    """A new customer from a company"""
    CUSTOMER_CHANGE = "customer_change"
    """New values for an existing customer, from a company"""

    @property
    def of(self) -> AliasKind:
        """The kind of ServiceTrade's record, and of the code."""
        return AliasKind.SITE if self is CreationKind.SITE else AliasKind.CUSTOMER

    @property
    def adds(self) -> bool:
        """Whether the service adds a record with every call, so that it is never called again by guess."""
        return self is not CreationKind.CUSTOMER_CHANGE


SERVICE_OF: Mapping[CreationKind, str] = MappingProxyType(
    {
        CreationKind.SITE: ADD_SITE,
        CreationKind.CUSTOMER: ADD_CUSTOMER,
        CreationKind.CUSTOMER_CHANGE: UPDATE_CUSTOMER,
    }
)
CODE_FIELD: Mapping[CreationKind, str] = MappingProxyType(
    {
        CreationKind.SITE: "Site_ID",
        CreationKind.CUSTOMER: "Customer_Code",
        CreationKind.CUSTOMER_CHANGE: "Customer_Code",
    }
)


class CreationState(StrEnum):
    """How far it is."""

    QUEUED = "queued"
    """Confirmed; nothing was sent yet"""
    SENDING = "sending"
    """The call to Spectrum is under way"""
    CREATED = "created"
    """The record is in Spectrum"""
    REJECTED = "rejected"
    """Nothing was made: Spectrum refused it, or it was stopped before the call"""
    IN_DOUBT = "in_doubt"
    """Nobody knows whether Spectrum made it: a person has to look there"""
    NOT_CREATED = "not_created"
    """A person looked in Spectrum: it is not there"""
    CANCELLED = "cancelled"
    """A person gave it up: nothing of it is in Spectrum"""

    @property
    def open(self) -> bool:
        """Whether it may still make something in Spectrum, or may have."""
        return self in (CreationState.QUEUED, CreationState.SENDING, CreationState.IN_DOUBT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Creation:
    """`record_id` is the location or company in ServiceTrade; `fields` are what is sent, by Spectrum's names, without
    the company and without empty ones. `keep` says where the code is kept once the record is there; `send_again`:
    the failed sends that wait for nothing but this code are then sent again, as the batch `batch_id`.

    `company` is the key of the Spectrum company that was confirmed, `claims` the keys that keep others from the same
    code and the same record; both are hashes in hexadecimal digits. `due_at` is when a worker continues, None if
    nothing is to be done by itself. `tries` counts the calls that did not leave, and the tries to keep the code;
    `locks` the calls that Spectrum refused because somebody had a record open there.

    `attempt_id`, `sent_at`, `send_by` and `quiet_until` are of the call; `request` and `answer` are its evidence, with
    secrets masked. Until `quiet_until` Spectrum may still make the record. `code_kept_at` is when the code was stored
    for ServiceTrade's record.
    """

    id: str
    tenant_id: str
    connection_id: str
    kind: CreationKind
    record_id: str
    record_name: str
    code: str
    fields: Mapping[str, str]
    keep: CodeSource
    send_again: bool
    company: str
    claims: tuple[str, ...]
    requested_by: str
    requested_at: datetime
    state: CreationState = CreationState.QUEUED
    findings: tuple[Finding, ...] = field(default=())
    due_at: datetime | None = None
    tries: int = 0
    locks: int = 0
    attempt_id: str | None = None
    sent_at: datetime | None = None
    send_by: datetime | None = None
    quiet_until: datetime | None = None
    ended_at: datetime | None = None
    request: str = ""
    answer: str = ""
    outcome: str = ""
    settled_by: str | None = None
    settled_reason: str | None = None
    code_kept_at: datetime | None = None
    batch_id: str | None = None
    seq: int = 0

    @property
    def key(self) -> AliasKey:
        return self.kind.of, self.record_id

    @property
    def entry(self) -> AliasEntry:
        """The code for ServiceTrade's record. Raises BadInput for a code that cannot be one."""
        return AliasEntry(self.kind.of, self.record_id, self.record_name, self.code)

    @property
    def service(self) -> str:
        return SERVICE_OF[self.kind]

    @property
    def keeps_code(self) -> bool:
        """Whether its code is still to be stored for ServiceTrade's record."""
        return self.state is CreationState.CREATED and self.code_kept_at is None

    @property
    def needs_person(self) -> bool:
        """Whether it waits for somebody: to look in Spectrum, or to set the code by hand."""
        return self.state is CreationState.IN_DOUBT or (self.keeps_code and self.due_at is None)
