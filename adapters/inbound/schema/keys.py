"""API keys in requests and answers. Only the answer that makes a key contains the key itself."""

from __future__ import annotations

from typing import Annotated, Any, Self

from pydantic import AwareDatetime, Field

from adapters.inbound.schema.schema_base import Input, Moment, Output, Text, one_of
from core.model.access.api_key import ApiKey, Scope
from core.services.access.api_keys import LONGEST_OVERLAP, NewKey


class OperatorKeyIn(Input):
    """`name` says who uses it. An operator key may do everything."""

    name: Text
    expires_at: AwareDatetime | None = None


class TenantKeyIn(OperatorKeyIn):
    """A tenant's key works only for that tenant, and only for the calls that its scopes allow."""

    scopes: list[Annotated[Scope, one_of(Scope)]] = Field(min_length=1, max_length=len(Scope))


class RotateKeyIn(Input):
    """`overlap_seconds` is how long the old key still works."""

    overlap_seconds: int = Field(default=86_400, ge=0, le=int(LONGEST_OVERLAP.total_seconds()))


class KeyOut(Output):
    """`prefix` is the beginning of the key. `last_used_at` is accurate to ten minutes."""

    id: str
    name: str
    prefix: str
    scopes: list[Scope]
    created_at: Moment
    created_by: str
    expires_at: Moment | None
    revoked_at: Moment | None
    last_used_at: Moment | None

    @classmethod
    def of(cls, key: ApiKey, /, **given: Any) -> Self:
        return super().of(key, scopes=sorted(key.scopes), **given)


class NewKeyOut(KeyOut):
    """`key` is shown only in this answer; Jobferry keeps only its hash."""

    key: str

    @classmethod
    def of_new(cls, made: NewKey) -> Self:
        return cls.of(made.key, key=made.text)
