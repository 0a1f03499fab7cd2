"""Objects that were made from stored rows, kept with the hash of their row: an unchanged row is not read again."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")
MOST = 1000


@dataclass(frozen=True, slots=True)
class Known(Generic[T]):
    """`hash` is the database's hash of the row (`hash_record_extended`)."""

    hash: int
    value: T


class Remembered(Generic[T]):
    """The last value of each key, for the `most` keys that were used last."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._kept: OrderedDict[str, T] = OrderedDict()

    def get(self, key: str) -> T | None:
        """None for a key that is not kept, or not any more."""
        if key in self._kept:
            self._kept.move_to_end(key)
        return self._kept.get(key)

    def keep(self, key: str, value: T) -> None:
        self._kept[key] = value
        self._kept.move_to_end(key)
        if len(self._kept) > self._most:
            self._kept.popitem(last=False)
