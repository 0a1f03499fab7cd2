"""Limits how much of something each owner has open at the same time, so that no owner leaves nothing to others."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext


class SharedPlaces:
    """`most` places for all owners together. An owner may have `share` times as many as are free then. With a share of
    1 a single owner has half of them, the next one half of the rest, and so on: each new owner finds some. Once those
    who had more give theirs back, all have equally many."""

    def __init__(self, most: int, share: float = 1.0) -> None:
        self._most = most
        self._share = share
        self._of_owner: Counter[str] = Counter()
        self._all = 0

    @property
    def taken(self) -> int:
        return self._all

    @contextmanager
    def place(self, owner: str) -> Iterator[bool]:
        """Take one until the block ends. False, and none is taken, if there is none for this owner."""
        if self._of_owner[owner] >= self._share * (self._most - self._all):
            yield False
            return
        self._count(owner, 1)
        try:
            yield True
        finally:
            self._count(owner, -1)

    @contextmanager
    def given_back(self, owner: str) -> Iterator[None]:
        """Give one that `owner` has to others until the block ends. Then it is the owner's again, also if others took
        all meanwhile."""
        self._count(owner, -1)
        try:
            yield
        finally:
            self._count(owner, 1)

    def _count(self, owner: str, places: int) -> None:
        self._all += places
        self._of_owner[owner] += places
        if not self._of_owner[owner]:
            del self._of_owner[owner]


class OwnerLimit:
    """Counts what each owner has open in this process: `most`, and only as many as `shared` has places for."""

    def __init__(self, most: int, shared: SharedPlaces | None = None) -> None:
        self.most = most
        self._shared = shared
        self._open: Counter[str] = Counter()

    @contextmanager
    def place(self, owner: str) -> Iterator[bool]:
        """Count one more until the block ends. False, and not counted, if the owner has as many as allowed."""
        if self._open[owner] >= self.most:
            yield False
            return
        with self._shared.place(owner) if self._shared else nullcontext(True) as free:
            if not free:
                yield False
                return
            self._open[owner] += 1
            try:
                yield True
            finally:
                self._open[owner] -= 1
                if not self._open[owner]:
                    del self._open[owner]
