"""API keys: their text, and what they may do."""

from __future__ import annotations

import base64
import hashlib
import zlib
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

PREFIX = "jf_"
SECRET_BYTES = 25
_PREFIX_LENGTH, _CHECK_LENGTH = 8, 7
LONGEST_NAME = 80


class Scope(StrEnum):
    """What a tenant key may do. An operator key may do everything."""

    READ = "read"
    """Look at everything but keys and settings of plugins' secrets: jobs, previews, sends, doubts, warnings, audit."""
    SEND = "send"
    """Send, complete, retry, cancel; dismiss warnings."""
    SETTLE = "settle"
    """Say what became of a line in doubt, or of a send that was finished by hand."""
    MANAGE = "manage"
    """Connections, mappings, webhooks, and keys that may do no more than this one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiKey:
    """What is stored of a key beside its hash. `tenant_id` is None, and `scopes` empty, for an operator's.

    `prefix` is the beginning of its text, by which people recognise it.
    """

    id: str
    prefix: str
    name: str
    tenant_id: str | None
    scopes: frozenset[Scope]
    created_at: datetime
    created_by: str
    expires_at: datetime | None = None
    revoked_at: datetime | None = None
    last_used_at: datetime | None = None

    def valid(self, now: datetime) -> bool:
        return self.revoked_at is None and (self.expires_at is None or now < self.expires_at)


def new_key_text(token: bytes) -> str:
    """`jf_` + what people recognise it by + `_` + the rest + a checksum, from SECRET_BYTES unpredictable bytes."""
    letters = base64.b32encode(token).decode().lower()
    text = f"{PREFIX}{letters[:_PREFIX_LENGTH]}_{letters[_PREFIX_LENGTH:]}"
    return text + _checksum(text)


def well_formed(text: str) -> bool:
    """Whether it may be a key: a slip of the hand, or half a key, is told apart without asking the database."""
    return text.startswith(PREFIX) and text.isascii() and _checksum(text[:-_CHECK_LENGTH]) == text[-_CHECK_LENGTH:]


def prefix_of(text: str) -> str:
    return text[: len(PREFIX) + _PREFIX_LENGTH]


def digest_of(text: str) -> bytes:
    """What is stored. The secret has 160 unpredictable bits beyond its prefix, so a plain hash cannot be searched."""
    return hashlib.sha256(text.encode()).digest()


def _checksum(text: str) -> str:
    return base64.b32encode(zlib.crc32(text.encode()).to_bytes(4)).decode().lower()[:_CHECK_LENGTH]
