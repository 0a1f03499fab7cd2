"""Who gets in: API keys, people, and the credentials of all tenants, in memory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from adapters.outbound.memory.forgetting import forget_person
from adapters.outbound.memory.rows import Rows, StoredApiKey
from core.model.access.api_key import ApiKey
from core.model.access.person import Person, Role, Session, SignInLink
from core.model.shared.errors import Conflict, NotFound
from ports.storage.credentials import Credentials
from ports.storage.keys import Keys
from ports.storage.people import People


class MemoryKeys(Keys):
    def __init__(self, rows: dict[str, StoredApiKey], tenant_id: str | None) -> None:
        self._rows = rows
        self._tenant_id = tenant_id

    async def add(self, key: ApiKey, digest: bytes) -> None:
        self._rows[key.id] = StoredApiKey(key, digest)

    async def get(self, key_id: str) -> ApiKey:
        return self._stored(key_id).key

    async def page(self, *, limit: int, before: str | None = None) -> Sequence[ApiKey]:
        mine = [stored.key for stored in self._rows.values() if stored.key.tenant_id == self._tenant_id]
        older = (key for key in mine if before is None or key.id < before)
        return sorted(older, key=lambda key: key.id, reverse=True)[:limit]

    async def end(self, key_id: str, *, expires_at: datetime | None = None, revoked_at: datetime | None = None) -> None:
        stored = self._stored(key_id)
        key = replace(
            stored.key,
            expires_at=expires_at or stored.key.expires_at,
            revoked_at=revoked_at or stored.key.revoked_at,
        )
        self._rows[key_id] = replace(stored, key=key)

    def _stored(self, key_id: str) -> StoredApiKey:
        stored = self._rows.get(key_id)
        if stored is None or stored.key.tenant_id != self._tenant_id:
            raise NotFound(f"There is no key {key_id}.", code="KEY_NOT_FOUND")
        return stored


class MemoryPeople(People):
    def __init__(self, rows: Rows, tenant_id: str | None) -> None:
        self._all = rows
        self._rows = rows.people
        self._tenant_id = tenant_id

    async def add(self, person: Person) -> None:
        if any(one.email == person.email for one in self._ours()):
            raise Conflict(f"{person.email} already exists.", code="PERSON_EXISTS")
        self._rows.people[person.id] = (replace(person, has_password=False), None)

    async def by_email(self, email: str) -> Person:
        for person in self._ours():
            if person.email == email:
                return person
        raise person_missing(email)

    async def get(self, person_id: str) -> Person:
        return self._one(person_id)[0]

    async def page(self, *, limit: int, after: str | None = None) -> Sequence[Person]:
        later = (person for person in self._ours() if after is None or person.email > after)
        return sorted(later, key=lambda person: person.email)[:limit]

    async def change(self, person_id: str, *, role: Role | None = None, password_hash: str | None = None) -> None:
        person, stored = self._one(person_id)
        hashed = password_hash or stored
        changed = replace(person, role=role or person.role, has_password=hashed is not None)
        self._rows.people[person_id] = (changed, hashed)
        self._end_sessions_and_links(person_id)

    async def remove(self, person_id: str) -> None:
        self._one(person_id)
        self._end_sessions_and_links(person_id)
        del self._rows.people[person_id]

    async def forget(self, email: str, person_id: str) -> None:
        forget_person(self._all, self._tenant_id, email, person_id)

    def _ours(self) -> Sequence[Person]:
        return [person for person, _ in self._rows.people.values() if person.tenant_id == self._tenant_id]

    def _end_sessions_and_links(self, person_id: str) -> None:
        self._rows.sessions = {key: one for key, one in self._rows.sessions.items() if one.person_id != person_id}
        self._rows.links = {key: one for key, one in self._rows.links.items() if one.person_id != person_id}

    def _one(self, person_id: str) -> tuple[Person, str | None]:
        found = self._rows.people.get(person_id)
        if found is None or found[0].tenant_id != self._tenant_id:
            raise person_missing(person_id)
        return found


def person_missing(name: str) -> NotFound:
    return NotFound(f"There is nobody called {name}.", code="PERSON_NOT_FOUND", fix="Look in the list of people.")


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

    async def people_with(self, email: str) -> Sequence[tuple[Person, str | None]]:
        found = [one for one in self._people.people.values() if one[0].email == email]
        return sorted(found, key=lambda one: one[0].id)

    async def rehash(self, person_id: str, former_hash: str, password_hash: str) -> None:
        person, stored = self._people.people[person_id]
        if stored == former_hash:
            self._people.people[person_id] = (person, password_hash)

    async def begin_session(self, session: Session) -> None:
        self._people.sessions[session.digest] = session

    async def session(self, digest: bytes) -> tuple[Session, Person] | None:
        found = self._people.sessions.get(digest)
        return (found, self._people.people[found.person_id][0]) if found else None

    async def session_seen(self, digest: bytes, at: datetime) -> None:
        self._people.sessions[digest] = replace(self._people.sessions[digest], seen_at=at)

    async def end_session(self, digest: bytes) -> bool:
        return self._people.sessions.pop(digest, None) is not None

    async def keep_link(self, link: SignInLink) -> None:
        self._people.links[link.digest] = link

    async def use_link(self, digest: bytes, now: datetime) -> tuple[SignInLink, Person] | None:
        link = self._people.links.pop(digest, None)
        return (link, self._people.people[link.person_id][0]) if link and now < link.expires_at else None

    async def tidy(self, now: datetime) -> None:
        self._people.sessions = {key: one for key, one in self._people.sessions.items() if one.alive(now)}
        self._people.links = {key: one for key, one in self._people.links.items() if now < one.expires_at}
