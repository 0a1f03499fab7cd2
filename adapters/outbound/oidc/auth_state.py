"""The sign-in state that a browser keeps while it is at the provider.

It is one secret, so nothing is stored here. State, nonce and code verifier are hashes of the secret; none of them
reveals another.
"""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

LIVES = timedelta(minutes=10)
"""Time limit for a sign-in at the provider."""
SECRET_BYTES = 32


@dataclass(frozen=True, slots=True)
class AuthState:
    """`page` is the page that the person wanted to open, '' for home."""

    secret: str
    begun: int
    page: str

    @classmethod
    def make(cls, secret: bytes, now: datetime, page: str) -> AuthState:
        return cls(_text(secret), int(now.timestamp()), page)

    @classmethod
    def read(cls, text: str) -> AuthState | None:
        """Read a state; None if this installation cannot have made it."""
        try:
            secret, begun, page = text.split(".")
            kept = cls(secret, int(begun), base64.urlsafe_b64decode(page.encode()).decode("ascii"))
            datetime.fromtimestamp(kept.begun, UTC)
        except (ValueError, OverflowError, OSError):
            return None
        return kept

    @property
    def text(self) -> str:
        return f"{self.secret}.{self.begun}.{base64.urlsafe_b64encode(self.page.encode('ascii')).decode()}"

    @property
    def state(self) -> str:
        return self._derived("state")

    @property
    def nonce(self) -> str:
        return self._derived("nonce")

    @property
    def verifier(self) -> str:
        return self._derived("verifier")

    @property
    def challenge(self) -> str:
        """PKCE, S256."""
        return _text(hashlib.sha256(self.verifier.encode()).digest())

    def alive(self, now: datetime) -> bool:
        age = now - datetime.fromtimestamp(self.begun, UTC)
        return timedelta(seconds=-1) <= age < LIVES

    def _derived(self, purpose: str) -> str:
        return _text(hashlib.sha256(f"{purpose}:{self.text}".encode()).digest())


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")
