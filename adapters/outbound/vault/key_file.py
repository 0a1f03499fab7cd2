"""The installation's encryption key: given as text, or kept in a file that only its owner reads."""

from __future__ import annotations

import base64
import binascii
import os
from pathlib import Path

from adapters.outbound.vault.aes_gcm_vault import KEY_BYTES
from core.model.errors import OperatorMends
from core.model.secret import Secret


def key_from_text(text: Secret) -> bytes:
    """The key from its base64 text. Raises OperatorMends (ENCRYPTION_KEY_INVALID)."""
    try:
        # Bytes, because the errors about text quote it.
        key = base64.b64decode(text.reveal().strip().encode("ascii", "replace"), validate=True)
    except binascii.Error as error:
        raise _invalid() from error
    if len(key) != KEY_BYTES:
        raise _invalid()
    return key


def read_key_file(path: Path) -> bytes:
    """Raises OperatorMends (ENCRYPTION_KEY_MISSING, ENCRYPTION_KEY_INVALID)."""
    try:
        return key_from_text(Secret(path.read_bytes().decode("ascii", "replace")))
    except OSError as error:
        raise OperatorMends(
            f"The encryption key file {path} cannot be read: {error.strerror}.",
            code="ENCRYPTION_KEY_MISSING",
            fix="Run `jobferry init` to make one, or bring back the file that this database was set up with.",
        ) from error


def make_key_file(path: Path) -> bool:
    """Make a fresh key unless there is one; True if it was made. The file is its owner's only (0600)."""
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return False
    with os.fdopen(handle, "w") as file:
        file.write(base64.b64encode(os.urandom(KEY_BYTES)).decode() + "\n")
    return True


def _invalid() -> OperatorMends:
    return OperatorMends(
        f"The encryption key is not the base64 text of {KEY_BYTES} bytes.",
        code="ENCRYPTION_KEY_INVALID",
        fix="Use the key that `jobferry init` made; it stands in the key file of the data folder.",
    )
