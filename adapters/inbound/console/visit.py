"""One request to a page as its handler sees it, and what it may answer."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from yarl import URL

from adapters.inbound.http.access import Access
from adapters.inbound.http.event_stream import EventStream
from adapters.inbound.use_cases import UseCases
from core.model.api_key import Scope
from core.model.caller import Caller
from core.model.person import Person
from core.model.tenant import Tenant

_MOST_DIGITS = 18
LONGEST_FORM = 20_000
"""Bytes; of a page that takes files it is more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """`path` holds the address's variables, `query` what follows it, `form` the fields of a form (empty for a GET)."""

    use_cases: UseCases
    person: Person
    tenant: Tenant
    path: Mapping[str, str]
    query: Mapping[str, str]
    form: Mapping[str, str]
    form_token: str
    address: str
    last_event: str = ""

    @property
    def seen(self) -> str:
        """The last piece of news that a page has shown already."""
        return self.last_event or self.query.get("seen", "")

    @property
    def by(self) -> str:
        """Who did it, for sends and the audit."""
        return self.person.email

    @property
    def home(self) -> str:
        return f"/t/{self.tenant.slug}"

    @property
    def before(self) -> int | None:
        """Where a list goes on, from the address; None at its beginning."""
        asked = self.query.get("before", "")
        return int(asked) if asked.isascii() and asked.isdecimal() and len(asked) <= _MOST_DIGITS else None

    def in_servicetrade(self, job_id: str) -> str:
        """Where people see a job there, '' for an account that is not at ServiceTrade itself. Source: its web app."""
        ours = (URL(self.tenant.base_url).host or "").endswith(".servicetrade.com")
        return f"https://app.servicetrade.com/job/{job_id}" if ours else ""

    def may(self, scope: str) -> bool:
        return Caller(person=self.person).may(Scope(scope))


@dataclass(frozen=True, slots=True)
class Drawn:
    """A page: its template and what stands in it. A `live` one is sent while it is drawn: parts of its content are
    asynchronous iterators."""

    template: str
    content: Mapping[str, Any] = field(default_factory=dict)
    status: int = HTTPStatus.OK
    live: bool = False


@dataclass(frozen=True, slots=True)
class File:
    """Something to keep: CSV, under this name."""

    name: str
    text: str


@dataclass(frozen=True, slots=True)
class GoTo:
    """Another page, after a form was carried out."""

    address: str
    last_event: str = ""


@dataclass(frozen=True, slots=True)
class Page:
    """One line of the table. What a POST needs besides `access` is a form of the session's own."""

    access: Access
    method: str
    path: str
    handler: Callable[[Visit], Awaitable[Drawn | GoTo | File | EventStream]]
    longest_form: int = LONGEST_FORM
