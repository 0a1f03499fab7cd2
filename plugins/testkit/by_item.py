"""Results of single items, found by the item's id or by its name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TypeVar

V = TypeVar("V")


class ByItem(Mapping[str, V]):
    """A mapping by item. Its keys are the ids; a name finds the item, too, if only one has it.

    It equals a dict with the same results, by ids or by names."""

    def __init__(self, results: Iterable[tuple[str, str, V]]) -> None:
        """`results` are the id, the name and the result of each item."""
        self._results = {item_id: (name, result) for item_id, name, result in results}

    def __getitem__(self, item: str) -> V:
        """Raises KeyError, which says what there is, for an unknown item and for a name that several items have."""
        if item in self._results:
            return self._results[item][1]
        named = [item_id for item_id, (name, _) in self._results.items() if name == item]
        if len(named) == 1:
            return self._results[named[0]][1]
        if named:
            raise KeyError(f"{item!r} is the name of the items {', '.join(named)}; use an id")
        there = ", ".join(f"{item_id} ({name})" for item_id, (name, _) in self._results.items())
        raise KeyError(f"no item {item!r} here; there is {there or 'none'}")

    def __contains__(self, item: object) -> bool:
        return item in self._results or any(name == item for name, _ in self._results.values())

    def __iter__(self) -> Iterator[str]:
        return iter(self._results)

    def __len__(self) -> int:
        return len(self._results)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Mapping) or len(other) != len(self):
            return False
        return all(item in self and self[item] == result for item, result in other.items())

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"ByItem({ {item_id: result for item_id, (_, result) in self._results.items()} })"
