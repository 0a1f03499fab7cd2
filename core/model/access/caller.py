"""The caller of a request, and what it may do."""

from __future__ import annotations

from dataclasses import dataclass

from core.model.access.api_key import ApiKey, Scope
from core.model.access.person import Person


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

    def may(self, scope: Scope) -> bool:
        if self.person:
            return self.person.may(scope)
        return self.tenant_id is None or (self.key is not None and scope in self.key.scopes)
