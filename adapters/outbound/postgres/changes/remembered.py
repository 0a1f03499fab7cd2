"""Objects that are made from stored documents again and again, kept while their document stays the same."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping
from typing import Any, Generic, TypeVar

T = TypeVar("T")
MOST = 1000


class Remembered(Generic[T]):
    """The last object of each key. It is used again only if it was made from an equal document."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._made: OrderedDict[str, tuple[Mapping[str, Any], T]] = OrderedDict()

    def of(self, key: str, document: Mapping[str, Any], make: Callable[[], T]) -> T:
        known = self._made.get(key)
        if known and known[0] == document:
            self._made.move_to_end(key)
            return known[1]
        made = make()
        self._made[key] = document, made
        self._made.move_to_end(key)
        if len(self._made) > self._most:
            self._made.popitem(last=False)
        return made
