"""The credentials of all tenants, in memory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from adapters.outbound.memory.rows import Rows
from core.model.access.api_key import ApiKey
from core.model.access.person import Person, Session, SignInLink
from ports.storage.credentials import Credentials


class MemoryCredentials(Credentials):
    def __init__(self, rows: Rows) -> None:
        self._rows = rows
        self._people = rows.people

    async def key(self, digest: bytes) -> ApiKey | None:
        return next((stored.key for stored in self._rows.api_keys.values() if stored.digest == digest), None)

    async def key_used(self, key_id: str, at: datetime) -> None:
        stored = self._rows.api_keys[key_id]
        self._rows.api_keys[key_id] = replace(stored, key=replace(stored.key, last_used_at=at))

    async def webhook_tenant(self, digest: bytes) -> str | None:
        found = self._rows.webhooks.get(digest)
        return found[0] if found else None

    async def people_with(self, email: str) -> Sequence[tuple[Person, str]]:
        return [(person, hashed) for person, hashed in self._people.people.values() if person.email == email and hashed]

    async def rehash(self, person_id: str, password_hash: str) -> None:
        self._people.people[person_id] = (self._people.people[person_id][0], password_hash)

    async def begin_session(self, session: Session) -> None:
        self._people.sessions[session.digest] = session

    async def session(self, digest: bytes) -> tuple[Session, Person] | None:
        found = self._people.sessions.get(digest)
        return (found, self._people.people[found.person_id][0]) if found else None

    async def session_seen(self, digest: bytes, at: datetime) -> None:
        self._people.sessions[digest] = replace(self._people.sessions[digest], seen_at=at)

    async def end_session(self, digest: bytes) -> None:
        self._people.sessions.pop(digest, None)

    async def keep_link(self, link: SignInLink) -> None:
        self._people.links[link.digest] = link

    async def use_link(self, digest: bytes, now: datetime) -> tuple[SignInLink, Person] | None:
        link = self._people.links.pop(digest, None)
        return (link, self._people.people[link.person_id][0]) if link and now < link.expires_at else None

    async def tidy(self, now: datetime) -> None:
        self._people.sessions = {key: one for key, one in self._people.sessions.items() if one.alive(now)}
        self._people.links = {key: one for key, one in self._people.links.items() if now < one.expires_at}
