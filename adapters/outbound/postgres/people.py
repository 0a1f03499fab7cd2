"""People, sessions and links of the console."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, RowMapping, delete, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.outbound.postgres.server.failures import violates
from adapters.outbound.postgres.tables import console_sessions, people, sign_in_links
from core.model.access.person import IDLE, LONGEST_SESSION, Person, Role, Session, SignInLink
from core.model.shared.errors import Conflict, NotFound
from ports.storage.people import ConsoleSessions, People


class PostgresPeople(People):
    """`tenant_id` None: the operators."""

    def __init__(self, connection: AsyncConnection, tenant_id: str | None) -> None:
        self._connection = connection
        self._tenant_id = tenant_id

    async def add(self, person: Person) -> None:
        values = {
            "id": person.id,
            "tenant_id": self._tenant_id,
            "email": person.email,
            "name": person.name,
            "role": person.role.value,
            "created_at": person.created_at,
            "created_by": person.created_by,
        }
        try:
            async with self._connection.begin_nested():
                await self._connection.execute(insert(people).values(values))
        except IntegrityError as error:
            if violates(error, "people_email"):
                raise Conflict(
                    f"{person.email} already exists.", code="PERSON_EXISTS", fix="Change that person instead."
                ) from error
            raise

    async def by_email(self, email: str) -> Person:
        found = await self._connection.execute(select(people).where(self._mine(), people.c.email == email))
        row = found.mappings().first()
        if row is None:
            raise _missing(email)
        return _person_of(row)

    async def all(self) -> Sequence[Person]:
        found = await self._connection.execute(select(people).where(self._mine()).order_by(people.c.email))
        return [_person_of(row) for row in found.mappings()]

    async def change(self, person_id: str, *, role: Role | None = None, password_hash: str | None = None) -> None:
        values = {name: value for name, value in (("role", role), ("password_hash", password_hash)) if value}
        done = await self._connection.execute(
            update(people).where(self._mine(), people.c.id == person_id).values(values or {"id": person_id})
        )
        if done.rowcount == 0:
            raise _missing(person_id)
        await self._connection.execute(delete(console_sessions).where(console_sessions.c.person_id == person_id))

    async def remove(self, person_id: str) -> None:
        """The database removes sessions and links with the row."""
        done = await self._connection.execute(delete(people).where(self._mine(), people.c.id == person_id))
        if done.rowcount == 0:
            raise _missing(person_id)

    def _mine(self) -> ColumnElement[bool]:
        return people.c.tenant_id.is_not_distinct_from(self._tenant_id)


class PostgresConsoleSessions(ConsoleSessions):
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def with_email(self, email: str) -> Sequence[tuple[Person, str]]:
        found = await self._connection.execute(
            select(people).where(people.c.email == email, people.c.password_hash.is_not(None))
        )
        return [(_person_of(row), row["password_hash"]) for row in found.mappings()]

    async def rehash(self, person_id: str, password_hash: str) -> None:
        await self._connection.execute(
            update(people).where(people.c.id == person_id).values(password_hash=password_hash)
        )

    async def begin(self, session: Session) -> None:
        values = {name: getattr(session, name) for name in Session.__dataclass_fields__}
        await self._connection.execute(insert(console_sessions).values(values))

    async def session(self, digest: bytes) -> tuple[Session, Person] | None:
        found = await self._with_person(console_sessions, console_sessions.c.digest == digest)
        return (Session(**{name: found[0][name] for name in Session.__dataclass_fields__}), found[1]) if found else None

    async def seen(self, digest: bytes, at: datetime) -> None:
        await self._connection.execute(
            update(console_sessions).where(console_sessions.c.digest == digest).values(seen_at=at)
        )

    async def end(self, digest: bytes) -> None:
        await self._connection.execute(delete(console_sessions).where(console_sessions.c.digest == digest))

    async def keep_link(self, link: SignInLink) -> None:
        values = {name: getattr(link, name) for name in SignInLink.__dataclass_fields__}
        await self._connection.execute(insert(sign_in_links).values(values))

    async def use_link(self, digest: bytes, now: datetime) -> tuple[SignInLink, Person] | None:
        taken = await self._connection.execute(
            delete(sign_in_links)
            .where(sign_in_links.c.digest == digest, sign_in_links.c.expires_at > now)
            .returning(sign_in_links)
        )
        row = taken.mappings().first()
        if row is None:
            return None
        found = await self._connection.execute(select(people).where(people.c.id == row["person_id"]))
        return SignInLink(**row), _person_of(found.mappings().one())

    async def tidy(self, now: datetime) -> None:
        ended = or_(console_sessions.c.seen_at <= now - IDLE, console_sessions.c.created_at <= now - LONGEST_SESSION)
        await self._connection.execute(delete(console_sessions).where(ended))
        await self._connection.execute(delete(sign_in_links).where(sign_in_links.c.expires_at <= now))

    async def _with_person(self, table: Any, condition: ColumnElement[bool]) -> tuple[RowMapping, Person] | None:
        found = (await self._connection.execute(select(table).where(condition))).mappings().first()
        if found is None:
            return None
        person = await self._connection.execute(select(people).where(people.c.id == found["person_id"]))
        return found, _person_of(person.mappings().one())


def _person_of(row: RowMapping) -> Person:
    return Person(
        id=row["id"],
        tenant_id=row["tenant_id"],
        email=row["email"],
        name=row["name"],
        role=Role(row["role"]),
        created_at=row["created_at"],
        created_by=row["created_by"],
        has_password=row["password_hash"] is not None,
    )


def _missing(name: str) -> NotFound:
    return NotFound(f"There is nobody called {name}.", code="PERSON_NOT_FOUND", fix="List them: jobferry people list.")
