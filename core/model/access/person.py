"""People who use the console (of one tenant, or operators of the installation), their sessions and sign-in links."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType

from core.model.access.api_key import Scope
from core.model.shared.errors import BadInput, FieldError

TOKEN_BYTES = 32
SHORTEST_PASSWORD, LONGEST_PASSWORD = 12, 200
IDLE = timedelta(hours=8)
"""A session ends after this time without a request."""
LONGEST_SESSION = timedelta(days=7)
LINK_LIVES = timedelta(minutes=10)
_KELVIN = "\N{KELVIN SIGN}"
_EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s]{1,189}")


class Role(StrEnum):
    """What a person may do. Operators belong to no tenant and may do everything."""

    VIEWER = "viewer"
    SENDER = "sender"
    ADMINISTRATOR = "administrator"
    OPERATOR = "operator"


SCOPES: Mapping[Role, frozenset[Scope]] = MappingProxyType(
    {
        Role.VIEWER: frozenset({Scope.READ}),
        Role.SENDER: frozenset({Scope.READ, Scope.SEND, Scope.SETTLE}),
        Role.ADMINISTRATOR: frozenset(Scope),
        Role.OPERATOR: frozenset(Scope),
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """`email` is in lower case and unique in a tenant. `tenant_id` is None for an operator. A person without a password
    can sign in by a link or with an identity provider. Raises BadInput that names every wrong field."""

    id: str
    tenant_id: str | None
    email: str
    name: str
    role: Role
    created_at: datetime
    created_by: str
    has_password: bool = False

    def __post_init__(self) -> None:
        errors = []
        if not _EMAIL.fullmatch(self.email) or not self.email.isprintable() or self.email != self.email.lower():
            errors.append(FieldError("/email", "an e-mail address such as ann@example.com"))
        if not self.name.strip() or len(self.name) > 80 or not self.name.isprintable():
            errors.append(FieldError("/name", "1 to 80 characters"))
        if (self.role is Role.OPERATOR) is not (self.tenant_id is None):
            errors.append(FieldError("/role", "viewer, sender or administrator; operators belong to no tenant"))
        if errors:
            raise BadInput.of("The person is not valid", errors, code="PERSON_INVALID", fix="Correct the named fields.")

    def may(self, scope: Scope) -> bool:
        return scope in SCOPES[self.role]


def address_of(written: str) -> str:
    """An e-mail address as it is stored: in lower case, without blanks around. A letter outside ASCII stays outside:
    the Kelvin sign would become a k, and the address that of somebody else's mailbox."""
    return _KELVIN.join(part.lower() for part in written.strip().split(_KELVIN))


def check_password(password: str, person: Person) -> None:
    """Raises BadInput (PASSWORD_WEAK) for a password that is too short, or easy to guess such as a name or address."""
    folded = password.casefold()
    known = {person.email, person.email.partition("@")[0], person.name.casefold(), "jobferry", "password"}
    if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
        detail = f"{SHORTEST_PASSWORD} to {LONGEST_PASSWORD} characters"
    elif len(set(folded)) < 5 or folded in known or folded.strip("0123456789!.") in known:
        detail = "use one that is harder to guess, such as four words"
    else:
        return
    raise BadInput(
        f"This password cannot be used: {detail}.",
        code="PASSWORD_WEAK",
        fix="Choose another one.",
        errors=[FieldError("/password", detail)],
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """A person's session. Only a hash of its token is stored."""

    digest: bytes
    person_id: str
    tenant_id: str | None
    created_at: datetime
    seen_at: datetime

    def alive(self, now: datetime) -> bool:
        return now - self.seen_at < IDLE and now - self.created_at < LONGEST_SESSION


@dataclass(frozen=True, slots=True, kw_only=True)
class SignInLink:
    """A sign-in link that works once. `page` is the console path that it opens."""

    digest: bytes
    person_id: str
    tenant_id: str | None
    page: str
    expires_at: datetime


def token_digest(token: str) -> bytes:
    """The stored hash of a session's or link's token, which has 256 unpredictable bits."""
    return hashlib.sha256(token.encode()).digest()


def is_page(path: str) -> bool:
    """Whether a path stays inside the console: it names no other host and cannot be read as one by a browser."""
    plain = path.isascii() and path.isprintable() and "\\" not in path and len(path) <= 500
    return plain and path.startswith("/") and not path.startswith("//")
