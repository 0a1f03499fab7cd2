"""API keys in and out. The key itself goes out once, when it is made."""

from __future__ import annotations

from typing import Annotated

from pydantic import AwareDatetime, BeforeValidator, Field
from pydantic_core import PydanticCustomError

from adapters.inbound.schema.schema_base import Input, Moment, Output, Text
from core.model.access.api_key import ApiKey, Scope
from core.services.access.api_keys import LONGEST_OVERLAP, NewKey


def _scope(value: object) -> object:
    try:
        return Scope(str(value))
    except ValueError as error:
        raise PydanticCustomError("scope", "must be one of {scopes}", {"scopes": ", ".join(Scope)}) from error


class OperatorKeyIn(Input):
    """`name` says who uses it; an operator key opens everything."""

    name: Text
    expires_at: AwareDatetime | None = None


class TenantKeyIn(OperatorKeyIn):
    """A tenant's key opens that tenant only, and there what its scopes name."""

    scopes: list[Annotated[Scope, BeforeValidator(_scope)]] = Field(min_length=1, max_length=len(Scope))


class RotateKeyIn(Input):
    """How long the former key goes on to open, in seconds."""

    overlap_seconds: int = Field(default=86_400, ge=0, le=int(LONGEST_OVERLAP.total_seconds()))


class KeyOut(Output):
    """`prefix` is how the key begins. `last_used_at` is told in steps of ten minutes."""

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
    def of(cls, key: ApiKey) -> KeyOut:
        return cls(
            id=key.id,
            name=key.name,
            prefix=key.prefix,
            scopes=sorted(key.scopes),
            created_at=key.created_at,
            created_by=key.created_by,
            expires_at=key.expires_at,
            revoked_at=key.revoked_at,
            last_used_at=key.last_used_at,
        )


class NewKeyOut(KeyOut):
    """`key` is shown this once; only its hash is kept."""

    key: str

    @classmethod
    def of_new(cls, made: NewKey) -> NewKeyOut:
        return cls(**KeyOut.of(made.key).model_dump(), key=made.text)
