"""Operator keys: made once, shown once, stored as a hash only."""

from __future__ import annotations

import base64
import hashlib

from core.model.errors import Unauthorized
from ports.ids import Ids
from ports.random import Random
from ports.transactions import Transactions

PREFIX = "jf_"


class OperatorKey:
    def __init__(self, transactions: Transactions, ids: Ids, random: Random) -> None:
        self._transactions = transactions
        self._ids = ids
        self._random = random

    async def create(self) -> str:
        """A new key; the caller shows it once, nobody can read it again."""
        key = PREFIX + base64.b32encode(self._random.token(30)).decode().lower()
        async with self._transactions.begin_instance() as i:
            await i.operator_keys.add(self._ids.new("key"), _digest(key))
        return key

    async def exists(self) -> bool:
        """Whether one was ever made."""
        async with self._transactions.begin_instance() as i:
            return await i.operator_keys.any()

    async def check(self, key: str) -> None:
        """Raises Unauthorized unless this is a valid operator key."""
        if key.startswith(PREFIX):
            async with self._transactions.begin_instance() as i:
                if await i.operator_keys.exists(_digest(key)):
                    return
        raise Unauthorized(
            "This key is not valid.", fix="Send `Authorization: Bearer jf_...` with a key made by `jobferry init`."
        )


def _digest(key: str) -> bytes:
    return hashlib.sha256(key.encode()).digest()
