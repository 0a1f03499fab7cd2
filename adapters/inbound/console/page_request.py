"""One request to a page as its handler sees it, and what it may answer."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from yarl import URL

from adapters.inbound.server.access import Access
from adapters.inbound.server.event_stream import EventStream
from core.model.access.api_key import Scope
from core.model.access.caller import Caller
from core.model.access.person import Person
from core.model.tenants.tenant import Tenant
from core.services.wiring import UseCases

_MOST_DIGITS = 18
LONGEST_FORM = 20_000
"""Bytes; of a page that takes files it is more."""
_TENANT_PAGES = ("Sends", "Doubts", "Connections", "Mappings", "Audit")
_MANAGED_PAGES = ("People", "Keys")


@dataclass(frozen=True, slots=True, kw_only=True)
class PageRequest:
    """A request to no tenant in particular: an operator's, or somebody's to what is their own.

    `path` holds the address's variables, `query` what follows it, `form` the fields of a form (empty for a GET)."""

    use_cases: UseCases
    person: Person
    path: Mapping[str, str]
    query: Mapping[str, str]
    form: Mapping[str, str]
    form_token: str
    address: str
    last_event: str = ""

    @property
    def version(self) -> int:
        """The one of the record that a form was made from, -1 for none that there ever was."""
        given = self.form.get("version", "")
        return int(given) if given.isascii() and given.isdecimal() and len(given) < 10 else -1

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
        return "/operator" if self.person.tenant_id is None else "/"

    @property
    def owner_id(self) -> str | None:
        """Whose keys and people are meant: a tenant's id, None for the operators' own."""
        return None

    @property
    def owner(self) -> str:
        return "the operators"

    @property
    def menu(self) -> Sequence[tuple[str, str]]:
        """Words and address of what the head of every page leads to."""
        if self.person.tenant_id is not None:
            return [("Home", "/")]
        return [
            ("Installation", "/operator"),
            ("Tenants", "/operator/tenants"),
            ("People", "/operator/people"),
            ("Keys", "/operator/keys"),
        ]

    @property
    def before(self) -> int | None:
        """Where a list goes on, from the address; None at its beginning."""
        asked = self.query.get("before", "")
        return int(asked) if asked.isascii() and asked.isdecimal() and len(asked) <= _MOST_DIGITS else None

    @property
    def caller(self) -> Caller:
        return Caller(person=self.person)

    def may(self, scope: str) -> bool:
        return self.caller.may(Scope(scope))


@dataclass(frozen=True, slots=True, kw_only=True)
class TenantRequest(PageRequest):
    """A request to a tenant."""

    tenant: Tenant

    @property
    def home(self) -> str:
        return f"/t/{self.tenant.slug}"

    @property
    def owner_id(self) -> str | None:
        return self.tenant.id

    @property
    def owner(self) -> str:
        return self.tenant.name

    @property
    def menu(self) -> Sequence[tuple[str, str]]:
        pages = [(self.tenant.name, "")] + [(words, f"/{words.lower()}") for words in _TENANT_PAGES]
        if self.may(Scope.MANAGE):
            pages += [(words, f"/{words.lower()}") for words in _MANAGED_PAGES]
        above = [("Installation", "/operator")] if self.person.tenant_id is None else []
        return above + [(words, self.home + page) for words, page in pages]

    def in_servicetrade(self, job_id: str) -> str:
        """Where people see a job there, '' for an account that is not at ServiceTrade itself. Source: its web app."""
        ours = (URL(self.tenant.base_url).host or "").endswith(".servicetrade.com")
        return f"https://app.servicetrade.com/job/{job_id}" if ours else ""


@dataclass(frozen=True, slots=True)
class Rendered:
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
class Redirect:
    """Another page, after a form was carried out. `token` is of a session that takes the present one's place."""

    address: str
    token: str = ""


@dataclass(frozen=True, slots=True)
class Page:
    """One line of the table: a tenant's page. What a POST needs besides `access` is a form of the session's own."""

    access: Access
    method: str
    path: str
    handler: Callable[[TenantRequest], Awaitable[Rendered | Redirect | File | EventStream]]
    longest_form: int = LONGEST_FORM


@dataclass(frozen=True, slots=True)
class InstancePage:
    """The same for a page of no tenant: the operators', or (PUBLIC) everybody's who is signed in."""

    access: Access
    method: str
    path: str
    handler: Callable[[PageRequest], Awaitable[Rendered | Redirect | File | EventStream]]
    longest_form: int = LONGEST_FORM

    def is_for(self, person: Person) -> bool:
        return self.access is Access.PUBLIC or person.tenant_id is None
