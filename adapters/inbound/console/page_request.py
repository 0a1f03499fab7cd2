"""A request to a page as its handler receives it, and the answers that a handler may give."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from http import HTTPStatus
from secrets import token_hex
from typing import Any, Generic, TypeVar

from yarl import URL

from adapters.inbound.console.menu import OPERATOR_PAGES, MenuEntry, section_of, settings_menu, tenant_menu
from adapters.inbound.console.words import ROLE_CANNOT
from adapters.inbound.server.access import Access
from adapters.inbound.server.event_stream import EventStream
from core.model.access.api_key import Scope
from core.model.access.caller import Caller
from core.model.access.person import Person, Role
from core.model.shared.advice import Door
from core.model.shared.errors import JobferryError
from core.model.shared.time_zone import zone_of
from core.model.tenants.tenant import Tenant
from core.services.access.sign_in import SignedIn
from core.services.wiring import UseCases

_MOST_DIGITS = 18
MOST_TO_SWITCH = 100
LONGEST_FORM = 20_000
"""In bytes; pages that take files allow more."""
ASK_AN_ADMINISTRATOR = "Ask an administrator."


_DOORS: Mapping[Role, Door] = {
    Role.VIEWER: Door.VIEWER,
    Role.SENDER: Door.OFFICE,
    Role.ADMINISTRATOR: Door.ADMINISTRATOR,
    Role.OPERATOR: Door.OPERATOR,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class PageRequest:
    """A request without a tenant: an operator's page, or a person's own page.

    `path` holds the variables of the address, `query` its parameters, `form` the fields of a form (empty for a GET).
    `session` is the token of the person's session, `now` the time of the request,
    `origin` the scheme and host under which the browser sees this page.
    `tenants` are those that an operator may switch to, the first MOST_TO_SWITCH of them."""

    use_cases: UseCases
    person: Person
    path: Mapping[str, str]
    query: Mapping[str, str]
    form: Mapping[str, str]
    form_token: str
    session: str
    address: str
    origin: str
    now: datetime
    last_event: str = ""
    request_id: str = ""
    tenants: Sequence[Tenant] = ()

    @property
    def version(self) -> int:
        """The version of the record that the form shows; -1 if the form names no valid version."""
        given = self.form.get("version", "")
        return int(given) if given.isascii() and given.isdecimal() and len(given) < 10 else -1

    @property
    def seen(self) -> str:
        """The last event that the page has shown."""
        return self.last_event or self.query.get("seen", "")

    @property
    def by(self) -> str:
        """The person's name for sends and the audit."""
        return self.person.email

    @property
    def home(self) -> str:
        return "/operator" if self.person.tenant_id is None else "/"

    @property
    def zone(self) -> tzinfo:
        """The time zone that the page shows moments in."""
        return UTC

    @property
    def zone_words(self) -> str:
        return f"All times are {'UTC' if self.zone is UTC else f'in the time zone {self.zone}'}."

    @property
    def owner_id(self) -> str | None:
        """The owner of the keys and people on the page: a tenant's id, or None for the operators."""
        return None

    @property
    def owner(self) -> str:
        return "the operators"

    @property
    def menu(self) -> Sequence[MenuEntry]:
        if self.person.tenant_id is not None:
            return [MenuEntry("Home", "/")]
        return [MenuEntry(words, page, "page" if page == self.own_path else "") for words, page in OPERATOR_PAGES]

    @property
    def settings_menu(self) -> Sequence[MenuEntry]:
        """The second menu, of the pages in the settings area."""
        return ()

    @property
    def own_path(self) -> str:
        """The page's address without its parameters."""
        return self.address.partition("?")[0]

    @property
    def before(self) -> int | None:
        """The position in a list, from the address; None for the first page."""
        asked = self.query.get("before", "")
        return int(asked) if asked.isascii() and asked.isdecimal() and len(asked) <= _MOST_DIGITS else None

    @property
    def before_id(self) -> str | None:
        """As `before`, in a list that is sorted by id."""
        return self.query.get("before") or None

    def once(self) -> str:
        """A value for one form on the page, so that sending the form twice has one effect."""
        return token_hex(16)

    @property
    def search_page(self) -> str:
        """Where the search in the head of the page leads; '' on the operators' pages, which belong to no tenant."""
        return "/find" if self.person.tenant_id is not None else ""

    @property
    def section(self) -> str:
        """The page of the menu that this page is or belongs to, below the tenant's address; '' for the first."""
        return ""

    @property
    def caller(self) -> Caller:
        return Caller(person=self.person)

    @property
    def door(self) -> Door:
        """For whom the page's advice is."""
        return _DOORS[self.person.role]

    @property
    def refusal(self) -> str:
        """Said in place of a form that this person may not use."""
        return f"{ROLE_CANNOT[self.person.role]} {ASK_AN_ADMINISTRATOR}"

    def may(self, scope: str) -> bool:
        return self.caller.may(Scope(scope))


@dataclass(frozen=True, slots=True, kw_only=True)
class TenantRequest(PageRequest):
    """A request to a tenant."""

    tenant: Tenant

    @property
    def zone(self) -> tzinfo:
        return zone_of(self.tenant.time_zone)

    @property
    def home(self) -> str:
        return f"/t/{self.tenant.slug}"

    @property
    def search_page(self) -> str:
        return f"{self.home}/find"

    @property
    def owner_id(self) -> str | None:
        return self.tenant.id

    @property
    def owner(self) -> str:
        return self.tenant.name

    @property
    def menu(self) -> Sequence[MenuEntry]:
        above = [MenuEntry("Installation", "/operator")] if self.person.tenant_id is None else []
        return [*above, *tenant_menu(self.home, self.section, self.own_path, manages=self.may(Scope.MANAGE))]

    @property
    def settings_menu(self) -> Sequence[MenuEntry]:
        return settings_menu(self.home, self.section, self.own_path, manages=self.may(Scope.MANAGE))

    @property
    def section(self) -> str:
        return section_of(self.own_path.removeprefix(self.home))

    def in_servicetrade(self, job_id: str) -> str:
        """The job's address in ServiceTrade; '' if the account is not at servicetrade.com. Source: its web app."""
        ours = (URL(self.tenant.base_url).host or "").endswith(".servicetrade.com")
        return f"https://app.servicetrade.com/job/{job_id}" if ours else ""


Asked = TypeVar("Asked", bound=PageRequest)


@dataclass(frozen=True, slots=True)
class Rendered:
    """A page: its template and content. `error` is why a form was refused, for the template and for the status.

    A `live` page is sent while it is rendered: parts of its content are asynchronous iterators."""

    template: str
    content: Mapping[str, Any] = field(default_factory=dict)
    status: int = HTTPStatus.OK
    live: bool = False
    error: JobferryError | None = None


@dataclass(frozen=True, slots=True)
class File:
    """A file to download, with this name: a CSV text, or the bytes of a zip file."""

    name: str
    content: str | bytes


@dataclass(frozen=True, slots=True)
class StreamedFile:
    """The same, of any length: it is sent piece by piece."""

    name: str
    pieces: AsyncIterator[str]
    media_type: str = "text/csv"


@dataclass(frozen=True, slots=True)
class Redirect:
    """A redirect after a form. `signed` is a session that replaces the present one."""

    address: str
    signed: SignedIn | None = None


@dataclass(frozen=True, slots=True)
class Page(Generic[Asked]):
    """One line of the table: a tenant's page. Besides `access`, a POST needs a form with the session's token."""

    access: Access
    method: str
    path: str
    handler: Callable[[Asked], Awaitable[Rendered | Redirect | File | StreamedFile | EventStream]]
    longest_form: int = LONGEST_FORM


class InstancePage(Page[PageRequest]):
    """The same for a page without a tenant: for operators, or (PUBLIC) for every signed-in person."""

    def is_for(self, person: Person) -> bool:
        return self.access is Access.PUBLIC or person.tenant_id is None
