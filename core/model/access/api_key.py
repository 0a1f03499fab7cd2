"""API keys: their text and their scopes."""

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
    """Read everything except keys and the secrets of plugins: jobs, previews, sends, doubts, warnings, audit."""
    SEND = "send"
    """Send, complete, retry, cancel; dismiss warnings."""
    SETTLE = "settle"
    """Settle a line in doubt, or mark a send as done by hand."""
    MANAGE = "manage"
    """Connections, mappings, webhooks, and keys that may do no more than this one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiKey:
    """The stored data of a key, besides its hash. For an operator's key `tenant_id` is None and `scopes` is empty.

    `prefix` is the beginning of the key's text; people recognise the key by it. `first_id` is the id of the key that
    this one succeeds, directly or not; None for one that did not come from a rotation.
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
    first_id: str | None = None

    @property
    def program(self) -> str:
        """The same for a key and its successors: the program that uses them is one, however often it gets a new key."""
        return self.first_id or self.id

    def valid(self, now: datetime) -> bool:
        return self.revoked_at is None and (self.expires_at is None or now < self.expires_at)


def new_key_text(token: bytes) -> str:
    """`jf_` + the rest of the prefix + `_` + the secret part + a checksum, from SECRET_BYTES unpredictable bytes."""
    letters = base64.b32encode(token).decode().lower()
    text = f"{PREFIX}{letters[:_PREFIX_LENGTH]}_{letters[_PREFIX_LENGTH:]}"
    return text + _checksum(text)


def well_formed(text: str) -> bool:
    """Whether the checksum fits, so that a mistyped or incomplete key is found without a database query."""
    return text.startswith(PREFIX) and text.isascii() and _checksum(text[:-_CHECK_LENGTH]) == text[-_CHECK_LENGTH:]


def prefix_of(text: str) -> str:
    return text[: len(PREFIX) + _PREFIX_LENGTH]


def digest_of(text: str) -> bytes:
    """The stored hash. The secret has 160 unpredictable bits beyond its prefix, so a plain hash is safe."""
    return hashlib.sha256(text.encode()).digest()


def _checksum(text: str) -> str:
    return base64.b32encode(zlib.crc32(text.encode()).to_bytes(4)).decode().lower()[:_CHECK_LENGTH]
