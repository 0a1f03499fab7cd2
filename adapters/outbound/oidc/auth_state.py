"""What a browser keeps while it is at the provider, and everything that is made from it.

One secret, so that nothing has to be stored here: the state, the nonce and the code verifier are hashes of it, and none
of them gives away another.
"""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

LIVES = timedelta(minutes=10)
"""How long somebody may take at the provider."""
SECRET_BYTES = 32


@dataclass(frozen=True, slots=True)
class AuthState:
    """`page` is where they wanted to go, '' for home."""

    secret: str
    begun: int
    page: str

    @classmethod
    def make(cls, secret: bytes, now: datetime, page: str) -> AuthState:
        return cls(_text(secret), int(now.timestamp()), page)

    @classmethod
    def read(cls, text: str) -> AuthState | None:
        """None for what cannot have come from here."""
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
