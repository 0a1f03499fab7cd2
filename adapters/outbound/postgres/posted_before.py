"""What removed connections have posted: asked through the database's own functions, the rows are out of reach."""

from __future__ import annotations

from collections.abc import Collection, Set

from sqlalchemy import LargeBinary, bindparam, func, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncConnection

from ports.posted_before import PostedBefore

_KEYS = bindparam("keys", type_=ARRAY(LargeBinary))


class PostgresPostedBefore(PostedBefore):
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def remember(self, keys: Collection[bytes]) -> None:
        await self._connection.execute(select(func.remember_posted(_KEYS)), {"keys": list(keys)})

    async def among(self, keys: Collection[bytes]) -> Set[bytes]:
        found = await self._connection.execute(select(func.posted_among(_KEYS)), {"keys": list(keys)})
        return set(found.scalars())
