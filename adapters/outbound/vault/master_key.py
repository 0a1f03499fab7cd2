"""The installation's keys as bytes and as text. The first key of a list seals; all keys open."""

from __future__ import annotations

import base64
import binascii
import hashlib
import os
import re
from collections.abc import Sequence

from core.model.shared.errors import OperatorMends
from core.model.shared.secret import Secret

KEY_BYTES, ID_BYTES = 32, 8


def new_key() -> bytes:
    return os.urandom(KEY_BYTES)


def key_id(key: bytes) -> bytes:
    """Return the id of a key, which reveals nothing about the key. Raises OperatorMends for a wrong length."""
    if len(key) != KEY_BYTES:
        raise OperatorMends(
            f"The encryption key has {len(key)} bytes instead of {KEY_BYTES}.",
            code="ENCRYPTION_KEY_INVALID",
            fix="Use the key file that `jobferry init` made.",
        )
    return hashlib.sha256(b"jobferry key id" + key).digest()[:ID_BYTES]


def keys_from_text(text: Secret) -> tuple[bytes, ...]:
    """Read base64 texts, separated by lines or commas. Raises OperatorMends (ENCRYPTION_KEY_INVALID)."""
    keys = tuple(dict.fromkeys(_key(one) for one in re.split(r"[\s,]+", text.reveal()) if one))
    if not keys:
        raise _invalid()
    return keys


def text_of(keys: Sequence[bytes]) -> str:
    """Return the text of the key file: one line per key."""
    return "".join(base64.b64encode(key).decode() + "\n" for key in keys)


def _key(text: str) -> bytes:
    try:
        # Bytes, because decoding errors quote a text.
        key = base64.b64decode(text.encode("ascii", "replace"), validate=True)
    except binascii.Error as error:
        raise _invalid() from error
    if len(key) != KEY_BYTES:
        raise _invalid()
    return key


def _invalid() -> OperatorMends:
    return OperatorMends(
        f"The encryption key is not the base64 text of {KEY_BYTES} bytes.",
        code="ENCRYPTION_KEY_INVALID",
        fix="Use the key that `jobferry init` made; it is in the key file of the data folder. "
        "Write several keys on separate lines; the first one seals.",
    )
