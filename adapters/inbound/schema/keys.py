"""API keys in requests and answers. Only the answer that makes a key contains the key itself."""

from __future__ import annotations

from typing import Annotated, Any, Self

from pydantic import Field

from adapters.inbound.schema.schema_base import Input, Moment, Output, Text, one_of
from adapters.inbound.schema.terms import By, KeyEnd, KeyEndIn, eg
from core.model.access.api_key import ApiKey, Scope
from core.services.access.api_keys import LONGEST_OVERLAP, NewKey


class OperatorKeyIn(Input):
    """A new operator key, which may do everything."""

    name: Annotated[Text, eg("billing export")]
    """Who uses it, for people and for the audit."""
    expires_at: KeyEndIn | None = None


class TenantKeyIn(OperatorKeyIn):
    """A new key of a tenant. It works only for that tenant, and only for the calls that its scopes allow."""

    scopes: list[Annotated[Scope, one_of(Scope)]] = Field(min_length=1, max_length=len(Scope))
    """What it may do. The calling key must have each of these scopes itself."""


class RotateKeyIn(Input):
    """How a key is replaced."""

    overlap_seconds: Annotated[int, eg(86400)] = Field(default=86_400, ge=0, le=int(LONGEST_OVERLAP.total_seconds()))
    """How long the old key still works, in seconds."""


class KeyOut(Output):
    """A key, without its text."""

    id: Annotated[str, eg("key_01KJPV4V00EXAMPLE0000000K1")]
    """Id of the key, given by Jobferry."""
    name: Annotated[str, eg("billing export")]
    """Who uses it, as its maker wrote it."""
    prefix: Annotated[str, eg("jf_3kQ9")]
    """The beginning of the key, to recognise it by."""
    scopes: list[Scope]
    """What it may do. Empty for an operator key, which may do everything."""
    created_at: Moment
    """When it was made."""
    created_by: By
    expires_at: KeyEnd | None
    revoked_at: Annotated[Moment, eg(None)] | None
    """When somebody revoked it. Null: nobody did."""
    last_used_at: Moment | None
    """When it was last used, accurate to ten minutes. Null: never."""

    @classmethod
    def of(cls, key: ApiKey, /, **given: Any) -> Self:
        return super().of(key, scopes=sorted(key.scopes), **given)


class NewKeyOut(KeyOut):
    """A new key with its text."""

    key: Annotated[str, eg("jf_3kQ9Z1kJ0o8cWm2nV7xT5bLrE4yHsAqD")]
    """The key itself, for the Authorization header. Only this answer contains it; Jobferry keeps its hash."""

    @classmethod
    def of_new(cls, made: NewKey) -> Self:
        return cls.of(made.key, key=made.text)
