"""People, in memory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from adapters.outbound.memory.rows import PeopleRows
from core.model.access.person import Person, Role
from core.model.shared.errors import Conflict, NotFound
from ports.storage.people import People


class MemoryPeople(People):
    def __init__(self, rows: PeopleRows, tenant_id: str | None) -> None:
        self._rows = rows
        self._tenant_id = tenant_id

    async def add(self, person: Person) -> None:
        if any(one.email == person.email for one in await self.all()):
            raise Conflict(f"{person.email} already exists.", code="PERSON_EXISTS")
        self._rows.people[person.id] = (replace(person, has_password=False), None)

    async def by_email(self, email: str) -> Person:
        for person in await self.all():
            if person.email == email:
                return person
        raise person_missing(email)

    async def all(self) -> Sequence[Person]:
        mine = (person for person, _ in self._rows.people.values() if person.tenant_id == self._tenant_id)
        return sorted(mine, key=lambda person: person.email)

    async def change(self, person_id: str, *, role: Role | None = None, password_hash: str | None = None) -> None:
        person, stored = self._one(person_id)
        hashed = password_hash or stored
        changed = replace(person, role=role or person.role, has_password=hashed is not None)
        self._rows.people[person_id] = (changed, hashed)
        self._end_sessions(person_id)

    async def remove(self, person_id: str) -> None:
        self._one(person_id)
        self._end_sessions(person_id)
        self._rows.links = {key: one for key, one in self._rows.links.items() if one.person_id != person_id}
        del self._rows.people[person_id]

    def _end_sessions(self, person_id: str) -> None:
        self._rows.sessions = {key: one for key, one in self._rows.sessions.items() if one.person_id != person_id}

    def _one(self, person_id: str) -> tuple[Person, str | None]:
        found = self._rows.people.get(person_id)
        if found is None or found[0].tenant_id != self._tenant_id:
            raise person_missing(person_id)
        return found


def person_missing(name: str) -> NotFound:
    return NotFound(f"There is nobody called {name}.", code="PERSON_NOT_FOUND", fix="List them: jobferry people list.")
