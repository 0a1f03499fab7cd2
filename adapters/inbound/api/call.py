"""One API call as its handler receives it: the validated input and the use cases, independent of aiohttp."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from pydantic import BaseModel

from adapters.inbound.server.problem import PreconditionRequired
from adapters.inbound.server.readiness import Readiness
from core.model.access.caller import Caller
from core.model.shared.errors import BadInput, FieldError, OutOfDate
from core.model.tenants.tenant import Tenant
from core.services.wiring import UseCases

In = TypeVar("In", bound=BaseModel)
Out = TypeVar("Out", bound=BaseModel)
LONGEST_WAIT = 60
REPLAYED = {"Idempotent-Replayed": "true"}
"""Marks the answer to a repeated request."""
_KEY_LENGTH = 255
_ETAG = re.compile(r'"([0-9]{1,9})"')
_WAIT = re.compile(r"(?:^|[,;])\s*wait\s*=\s*\"?([0-9]{1,9})\"?\s*(?=$|[,;])", re.IGNORECASE)


def etag(version: int) -> str:
    return f'"{version}"'


@dataclass(frozen=True, slots=True, kw_only=True)
class Call(Generic[In]):
    """`path` holds the route's variables, `headers` is case-insensitive, `csv` is the body if it is text/csv.
    `place_to_wait` gives one of the places of the caller's tenant, or False if none is free."""

    use_cases: UseCases
    readiness: Readiness
    place_to_wait: Callable[[], AbstractContextManager[bool]]
    input: In
    path: Mapping[str, str]
    headers: Mapping[str, str]
    caller: Caller
    request_id: str = ""
    of_tenant: Tenant | None = None
    csv: bytes = b""

    @property
    def tenant(self) -> Tenant:
        """The tenant in the address, which the caller may see. To change it, read it again (`find_tenant.fresh`)."""
        if self.of_tenant is None:
            raise LookupError("this route names no tenant")
        return self.of_tenant

    @property
    def idempotency_key(self) -> str | None:
        """The header's value or None. Raises BadInput if it is too long or not plain text."""
        key = self.headers.get("Idempotency-Key")
        if key is not None and not (1 <= len(key) <= _KEY_LENGTH and key.isascii() and key.isprintable()):
            raise BadInput(
                "The Idempotency-Key cannot be used.",
                fix="Send a new random text, such as a UUID.",
                errors=[FieldError("/Idempotency-Key", f"1 to {_KEY_LENGTH} printable ASCII characters")],
            )
        return key

    @property
    def if_match(self) -> int | None:
        """The version that the caller has seen; None for `*`, which overwrites any version.

        Raises PreconditionRequired without the header, OutOfDate for a value that is no version of Jobferry's.
        """
        given = self.headers.get("If-Match", "").strip()
        if not given:
            raise PreconditionRequired(
                "This call changes a record, so it needs the version that you have seen.",
                fix="Send If-Match with the ETag of your last GET; `*` overwrites any version.",
            )
        if given == "*":
            return None
        if not (found := _ETAG.fullmatch(given)):
            raise OutOfDate("If-Match does not name a version of this record.", fix="Read it again.")
        return int(found.group(1))

    @property
    def wait_seconds(self) -> int:
        """How many seconds the caller wants to wait for the end (`Prefer: wait=10`): 0 without it, 60 at most."""
        asked = _WAIT.search(self.headers.get("Prefer", ""))
        return min(int(asked.group(1)), LONGEST_WAIT) if asked else 0


@dataclass(frozen=True, slots=True)
class Reply(Generic[Out]):
    """The answer's body and headers. The table of routes has its status, unless `status` is another one of a call that
    has several."""

    body: Out
    headers: Mapping[str, str] = field(default_factory=dict)
    status: int | None = None
