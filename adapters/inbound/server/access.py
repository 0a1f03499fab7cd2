"""Who may make a call: what its route asks for, held against the caller's key."""

from __future__ import annotations

from enum import StrEnum

from aiohttp import web

from core.model.access.api_key import Scope
from core.model.access.caller import Caller
from core.model.shared.errors import Forbidden

CALLER = web.RequestKey("caller", Caller)


class Access(StrEnum):
    """What a route asks for: nothing, one scope of a tenant key, or an operator key. An operator key opens all."""

    PUBLIC = "public"
    READ = Scope.READ
    SEND = Scope.SEND
    SETTLE = Scope.SETTLE
    MANAGE = Scope.MANAGE
    OPERATOR = "operator"

    def require(self, caller: Caller) -> None:
        """Raises Forbidden (SCOPE_MISSING, OPERATOR_ONLY)."""
        if self is Access.PUBLIC or caller.tenant_id is None:
            return
        if self is Access.OPERATOR:
            raise Forbidden(
                "This takes an operator key; a tenant's key cannot do it.",
                code="OPERATOR_ONLY",
                fix="Ask whoever hosts this Jobferry.",
            )
        if not caller.may(Scope(self)):
            raise Forbidden(
                f"This key lacks the scope {self.value}.",
                fix=f"Use a key with the scope {self.value}: jobferry keys create --scope {self.value} ...",
            )
