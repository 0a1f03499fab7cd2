"""Who a request comes from, and what they may do."""

from __future__ import annotations

from dataclasses import dataclass

from core.model.access.api_key import ApiKey, Scope
from core.model.access.person import Person


@dataclass(frozen=True, slots=True)
class Caller:
    """Who a request comes from: a key, a person of the console, or (neither) somebody at the machine itself, `who`."""

    key: ApiKey | None = None
    who: str = "operator"
    person: Person | None = None

    @property
    def tenant_id(self) -> str | None:
        """None for whoever may see all tenants."""
        if self.person:
            return self.person.tenant_id
        return self.key.tenant_id if self.key else None

    @property
    def name(self) -> str:
        """For `requested_by` and the audit: who it was, without anything secret."""
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
