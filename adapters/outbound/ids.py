"""Ids that sort by their creation time."""

from __future__ import annotations

from ulid import ULID

from ports.ids import Ids


class UlidIds(Ids):
    def new(self, prefix: str) -> str:
        return f"{prefix}_{ULID()}"
