"""The caller of a request, and what it may do."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from core.model.access.api_key import ApiKey, Scope
from core.model.access.person import SCOPES, Person
from core.model.shared.errors import FieldError, Forbidden


@dataclass(frozen=True, slots=True)
class Caller:
    """The caller of a request: a key, a person of the console, or with neither `who`, somebody at the machine."""

    key: ApiKey | None = None
    who: str = "operator"
    person: Person | None = None

    @property
    def tenant_id(self) -> str | None:
        """The caller's tenant, None for a caller that may see all tenants."""
        if self.person:
            return self.person.tenant_id
        return self.key.tenant_id if self.key else None

    @property
    def name(self) -> str:
        """The caller's name for `requested_by` and the audit. It holds no secret."""
        if self.person:
            return self.person.email
        if self.key is None:
            return self.who
        who = "operator" if self.key.tenant_id is None else "key"
        return f"{who}:{self.key.name}"

    @property
    def repeats_as(self) -> str:
        """Who owns an Idempotency-Key. Names of keys do not tell: two programs may have keys with the same name."""
        return f"key:{self.key.program}" if self.key and not self.person else self.name

    def may(self, scope: Scope) -> bool:
        if self.person:
            return self.person.may(scope)
        return self.tenant_id is None or (self.key is not None and scope in self.key.scopes)

    @property
    def until(self) -> datetime | None:
        """When the caller's own rights end, None for never."""
        return self.key.expires_at if self.key else None

    def require(self, tenant_id: str | None, scopes: Iterable[Scope], why: str, pointer: str = "") -> None:
        """Check that the caller itself has all that a key or person of this tenant may do. `tenant_id` None stands for
        an operator, who may do everything. Raises Forbidden (SCOPE_MISSING), which begins with `why`."""
        if self.tenant_id is None:
            return
        if tenant_id != self.tenant_id:
            lacking = ["operator" if tenant_id is None else "another tenant"]
        else:
            lacking = sorted(scope for scope in scopes if not self.may(scope))
        if lacking:
            raise Forbidden(
                f"{why}: {', '.join(lacking)}.",
                fix="Use a key with the same rights, or let the operator do it.",
                errors=[FieldError(pointer, f"without {', '.join(lacking)}")] if pointer else (),
            )

    def require_over(self, person: Person) -> None:
        """The same for an act on a person."""
        self.require(person.tenant_id, SCOPES[person.role], "This person may do more than you, so you cannot do this")
