"""Who may make a call: compares the route's access with the caller's key."""

from __future__ import annotations

from enum import StrEnum

from aiohttp import web

from core.model.access.api_key import Scope
from core.model.access.caller import Caller
from core.model.shared.errors import Forbidden

CALLER = web.RequestKey("caller", Caller)


class Access(StrEnum):
    """What a route requires: nothing, one scope of a tenant key, or an operator key, which may do everything."""

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
                "This call needs an operator key, not a tenant's key.",
                code="OPERATOR_ONLY",
                fix="Ask the operator of this Jobferry.",
            )
        if not caller.may(Scope(self)):
            raise Forbidden(
                f"This key lacks the scope {self.value}.",
                fix=f"Use a key with the scope {self.value}. A key with the scope manage can make one.",
            )
