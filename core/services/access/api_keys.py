"""API keys of the operator or of one tenant: create, list, rotate with an overlap, revoke. A key is shown once."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from core.model.access.api_key import LONGEST_NAME, SECRET_BYTES, ApiKey, Scope, digest_of, new_key_text, prefix_of
from core.model.access.caller import Caller
from core.model.operations.audit import AuditEntry
from core.model.shared.errors import BadInput, Conflict, FieldError
from core.services.service import Service
from ports.storage.audit import Audit
from ports.storage.keys import Keys

_log = structlog.get_logger()
LONGEST_OVERLAP = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class NewKey:
    """`text` is the key itself. The caller sees it once; it is never stored."""

    key: ApiKey
    text: str


@dataclass(frozen=True, slots=True)
class KeyPage:
    """`next_before` is the `before` of the next page, None at the end."""

    keys: Sequence[ApiKey]
    next_before: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyRequest:
    """`tenant_id` None asks for an operator key, which has no scopes."""

    name: str
    tenant_id: str | None = None
    scopes: frozenset[Scope] = frozenset()
    expires_at: datetime | None = None


class ApiKeys(Service):
    async def create(self, request: KeyRequest, by: Caller) -> NewKey:
        """Create a key, which ends no later than `by` itself.

        Raises BadInput (KEY_INVALID), Forbidden (SCOPE_MISSING) for a scope that `by` lacks.
        """
        self._check(request)
        by.require(request.tenant_id, request.scopes, "A key cannot give scopes that it does not have", "/scopes")
        async with self._keys(request.tenant_id) as (keys, audit):
            made = await self._add(keys, request, by)
            await self._audit(audit, "key.created", made.key, by)
        return made

    async def page(self, tenant_id: str | None, *, limit: int = 50, before: str | None = None) -> KeyPage:
        """The keys older than the one with the id `before`, or the newest ones; also ended ones."""
        async with self._keys(tenant_id) as (keys, _):
            found = await keys.page(limit=limit + 1, before=before)
        page = found[:limit]
        return KeyPage(page, page[-1].id if len(found) > limit else None)

    async def get(self, tenant_id: str | None, key_id: str) -> ApiKey:
        """Raises NotFound (KEY_NOT_FOUND), also for a key of another tenant."""
        async with self._keys(tenant_id) as (keys, _):
            return await keys.get(key_id)

    async def any(self) -> bool:
        """Whether an operator key was ever made."""
        return bool((await self.page(None, limit=1)).keys)

    async def revoke(self, tenant_id: str | None, key_id: str, by: Caller) -> ApiKey:
        """End a key now. Revoking it again changes nothing.

        Raises NotFound (KEY_NOT_FOUND), Forbidden (SCOPE_MISSING) for a key that may do more than `by`.
        """
        async with self._keys(tenant_id) as (keys, audit):
            key = await keys.get(key_id)
            _require_over(key, by)
            if key.revoked_at is None:
                await keys.end(key_id, revoked_at=self._clock.now())
                key = await keys.get(key_id)
                await self._audit(audit, "key.revoked", key, by)
        return key

    async def rotate(self, tenant_id: str | None, key_id: str, overlap: timedelta, by: Caller) -> NewKey:
        """Create a new key with the same name and scopes. The old one stays valid until `overlap` is over.

        Raises NotFound (KEY_NOT_FOUND), Conflict (KEY_ENDED), BadInput (KEY_INVALID), Forbidden (SCOPE_MISSING) for a
        key that may do more than `by`: whoever rotates a key gets to know its successor.
        """
        if not timedelta() <= overlap <= LONGEST_OVERLAP:
            raise _invalid(FieldError("/overlap_seconds", f"0 to {LONGEST_OVERLAP.total_seconds():.0f}"))
        now = self._clock.now()
        async with self._keys(tenant_id) as (keys, audit):
            old = await keys.get(key_id)
            _require_over(old, by)
            if not old.valid(now):
                raise Conflict(
                    f"The key {old.name} ({old.prefix}...) has ended already.", code="KEY_ENDED", fix="Make a new one."
                )
            request = KeyRequest(name=old.name, tenant_id=tenant_id, scopes=old.scopes)
            made = await self._add(keys, request, by, first_id=old.program)
            ends = min(moment for moment in (old.expires_at, now + overlap) if moment)
            await keys.end(key_id, expires_at=ends)
            await self._audit(audit, "key.rotated", made.key, by, former=key_id)
        return made

    def _check(self, request: KeyRequest) -> None:
        errors = []
        if not request.name.strip() or len(request.name) > LONGEST_NAME or not request.name.isprintable():
            errors.append(FieldError("/name", f"1 to {LONGEST_NAME} characters that say who uses it"))
        if request.tenant_id is not None and not request.scopes:
            errors.append(FieldError("/scopes", f"one or more of {', '.join(Scope)}"))
        if request.expires_at and request.expires_at <= self._clock.now():
            errors.append(FieldError("/expires_at", "a time in the future"))
        if errors:
            raise _invalid(*errors)

    async def _add(self, keys: Keys, request: KeyRequest, by: Caller, *, first_id: str | None = None) -> NewKey:
        text = new_key_text(self._random.token(SECRET_BYTES))
        key = ApiKey(
            id=self._ids.new("key"),
            prefix=prefix_of(text),
            name=request.name.strip(),
            tenant_id=request.tenant_id,
            scopes=request.scopes,
            created_at=self._clock.now(),
            created_by=by.name,
            expires_at=min((moment for moment in (request.expires_at, by.until) if moment), default=None),
            first_id=first_id,
        )
        await keys.add(key, digest_of(text))
        return NewKey(key, text)

    async def _audit(self, audit: Audit, action: str, key: ApiKey, by: Caller, former: str | None = None) -> None:
        detail = {"name": key.name, "prefix": key.prefix, "scopes": " ".join(sorted(key.scopes))}
        if former:
            detail["former"] = former
        await audit.record(AuditEntry(self._clock.now(), by.name, action, key.id, detail))
        _log.info(action, key=key.id, name=key.name, tenant=key.tenant_id, by=by.name)

    @asynccontextmanager
    async def _keys(self, tenant_id: str | None) -> AsyncIterator[tuple[Keys, Audit]]:
        if tenant_id is None:
            async with self._transactions.begin_instance() as i:
                yield i.keys, i.audit
        else:
            async with self._transactions.begin(tenant_id) as t:
                yield t.keys, t.audit


def _require_over(key: ApiKey, by: Caller) -> None:
    by.require(key.tenant_id, key.scopes, "This key may do more than you, so you cannot do this")


def _invalid(*errors: FieldError) -> BadInput:
    return BadInput.of("The key cannot be made", errors, code="KEY_INVALID", fix="Correct the named fields.")
