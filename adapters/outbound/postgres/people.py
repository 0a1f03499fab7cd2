"""People of the console."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import RowMapping, delete, func, select, update
from sqlalchemy.exc import IntegrityError

from adapters.outbound.postgres.records import columns, made
from adapters.outbound.postgres.repository import Repository
from adapters.outbound.postgres.server.failures import violates
from adapters.outbound.postgres.tables.setup import console_sessions, people, sign_in_links
from core.model.access.person import Person, Role
from core.model.shared.errors import Conflict, NotFound
from ports.storage.people import People


class PostgresPeople(Repository, People):
    async def add(self, person: Person) -> None:
        try:
            async with self._connection.begin_nested():
                await self._add(people, columns(person, "tenant_id", "has_password"))
        except IntegrityError as error:
            if violates(error, "people_email"):
                raise Conflict(
                    f"{person.email} already exists.", code="PERSON_EXISTS", fix="Change that person instead."
                ) from error
            raise

    async def by_email(self, email: str) -> Person:
        return person_of(await self._row_or(_missing(email), select(people).where(self._ours(people, email=email))))

    async def get(self, person_id: str) -> Person:
        this = select(people).where(self._ours(people, id=person_id))
        return person_of(await self._row_or(_missing(person_id), this))

    async def page(self, *, limit: int, after: str | None = None) -> Sequence[Person]:
        page = select(people).where(self._ours(people)).order_by(people.c.email).limit(limit)
        if after is not None:
            page = page.where(people.c.email > after)
        return [person_of(row) for row in await self._rows(page)]

    async def change(self, person_id: str, *, role: Role | None = None, password_hash: str | None = None) -> None:
        values = {name: value for name, value in (("role", role), ("password_hash", password_hash)) if value}
        person = update(people).where(self._ours(people, id=person_id))
        await self._run_or(_missing(person_id), person.values(values or {"id": person_id}))
        for way_in in (console_sessions, sign_in_links):
            await self._run(delete(way_in).where(way_in.c.person_id == person_id))

    async def remove(self, person_id: str) -> None:
        """The database removes sessions and links with the row."""
        await self._run_or(_missing(person_id), delete(people).where(self._ours(people, id=person_id)))

    async def forget(self, email: str, person_id: str) -> None:
        await self._run(select(func.forget_person(email, person_id)))


def person_of(row: RowMapping) -> Person:
    return made(Person, row, has_password=row["password_hash"] is not None)


def _missing(name: str) -> NotFound:
    return NotFound(f"There is nobody called {name}.", code="PERSON_NOT_FOUND", fix="Look in the list of people.")
