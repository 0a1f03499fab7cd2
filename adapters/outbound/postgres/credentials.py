"""The credentials of all tenants, and the operator's."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, insert, or_, select, update

from adapters.outbound.postgres.keys import key_of
from adapters.outbound.postgres.people import person_of
from adapters.outbound.postgres.records import columns, made
from adapters.outbound.postgres.repository import Repository
from adapters.outbound.postgres.tables.setup import (
    api_keys,
    console_sessions,
    people,
    servicetrade_webhooks,
    sign_in_links,
)
from core.model.access.api_key import ApiKey
from core.model.access.person import IDLE, LONGEST_SESSION, Person, Session, SignInLink
from ports.storage.credentials import Credentials


class PostgresCredentials(Repository, Credentials):
    async def key(self, digest: bytes) -> ApiKey | None:
        row = await self._row(select(api_keys).where(api_keys.c.digest == digest))
        return key_of(row) if row else None

    async def key_used(self, key_id: str, at: datetime) -> None:
        await self._run(update(api_keys).where(api_keys.c.id == key_id).values(last_used_at=at))

    async def webhook_tenant(self, digest: bytes) -> str | None:
        tenant = select(servicetrade_webhooks.c.tenant_id).where(servicetrade_webhooks.c.digest == digest)
        tenant_id: str | None = await self._value(tenant)
        return tenant_id

    async def people_with(self, email: str) -> Sequence[tuple[Person, str | None]]:
        query = select(people).where(people.c.email == email).order_by(people.c.id)
        return [(person_of(row), row["password_hash"]) for row in await self._rows(query)]

    async def rehash(self, person_id: str, former_hash: str, password_hash: str) -> None:
        same = (people.c.id == person_id) & (people.c.password_hash == former_hash)
        await self._run(update(people).where(same).values(password_hash=password_hash))

    async def begin_session(self, session: Session) -> None:
        await self._run(insert(console_sessions).values(columns(session)))

    async def session(self, digest: bytes) -> tuple[Session, Person] | None:
        row = await self._row(select(console_sessions).where(console_sessions.c.digest == digest))
        return (made(Session, row), await self._person(row["person_id"])) if row else None

    async def session_seen(self, digest: bytes, at: datetime) -> None:
        await self._run(update(console_sessions).where(console_sessions.c.digest == digest).values(seen_at=at))

    async def end_session(self, digest: bytes) -> bool:
        return bool(await self._run(delete(console_sessions).where(console_sessions.c.digest == digest)))

    async def keep_link(self, link: SignInLink) -> None:
        await self._run(insert(sign_in_links).values(columns(link)))

    async def use_link(self, digest: bytes, now: datetime) -> tuple[SignInLink, Person] | None:
        valid = (sign_in_links.c.digest == digest) & (sign_in_links.c.expires_at > now)
        row = await self._row(delete(sign_in_links).where(valid).returning(sign_in_links))
        return (made(SignInLink, row), await self._person(row["person_id"])) if row else None

    async def tidy(self, now: datetime) -> None:
        ended = or_(console_sessions.c.seen_at <= now - IDLE, console_sessions.c.created_at <= now - LONGEST_SESSION)
        await self._run(delete(console_sessions).where(ended))
        await self._run(delete(sign_in_links).where(sign_in_links.c.expires_at <= now))

    async def _person(self, person_id: str) -> Person:
        found = await self._connection.execute(select(people).where(people.c.id == person_id))
        return person_of(found.mappings().one())
