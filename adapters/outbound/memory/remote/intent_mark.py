"""The mark in memory. It outlives the storage, but not the process."""

from __future__ import annotations

from collections.abc import Mapping

from ports.intent_mark import IntentMark


class MemoryIntentMark(IntentMark):
    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}
        self._removed: set[str] = set()

    def ready(self) -> None:
        pass

    def note(self, connection_id: str, intent: int) -> bool:
        before = self.of(connection_id)
        self._numbers[connection_id] = max(intent, before)
        self._removed.discard(connection_id)
        return intent > before

    def of(self, connection_id: str) -> int:
        return self._numbers.get(connection_id, 0)

    def highest(self) -> Mapping[str, int]:
        return {name: number for name, number in self._numbers.items() if name not in self._removed}

    def forgotten(self) -> Mapping[str, int]:
        return {name: self._numbers[name] for name in self._removed}

    def forget(self, connection_id: str) -> None:
        if connection_id in self._numbers:
            self._removed.add(connection_id)

    def lose(self) -> None:
        """Know nothing, as a new machine."""
        self._numbers.clear()
        self._removed.clear()
