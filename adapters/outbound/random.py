"""Unpredictable bytes from the operating system."""

from __future__ import annotations

import secrets

from ports.random import Random


class SystemRandom(Random):
    def token(self, count: int) -> bytes:
        return secrets.token_bytes(count)
