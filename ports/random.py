"""Unpredictable bytes, for keys."""

from __future__ import annotations

from abc import abstractmethod
from typing import Protocol


class Random(Protocol):
    @abstractmethod
    def token(self, count: int) -> bytes:
        """`count` bytes from a cryptographic source."""
        ...
