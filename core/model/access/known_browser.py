"""The mark of a browser from which somebody signed in with their password.

Nothing is stored: the mark is signed with the hash of the password, which only this installation has. So it ends when
the password changes, and nobody can make one. It lets nobody in: it only says whose wrong passwords are counted apart.
"""

from __future__ import annotations

import base64
import hmac


def mark_of(nonce: str, person_id: str, password_hash: str) -> str:
    """The mark that a browser keeps. `nonce` is new for each sign-in and has no dot."""
    signed = hmac.digest(password_hash.encode(), f"known browser:{nonce}:{person_id}".encode(), "sha256")
    return f"{nonce}.{base64.urlsafe_b64encode(signed).decode().rstrip('=')}"


def is_mark(mark: str, person_id: str, password_hash: str) -> bool:
    """Whether this is a mark of the person with this hash."""
    nonce = mark.partition(".")[0]
    return hmac.compare_digest(mark.encode(), mark_of(nonce, person_id, password_hash).encode())
