"""AES-256-GCM with a data key a tenant; tenant and field are bound in, so a moved row does not open."""

from __future__ import annotations

import hashlib
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from core.model.errors import OperatorMends
from core.model.secret import Secret
from ports.vault import Vault

KEY_BYTES = 32
_NONCE_BYTES, _ID_BYTES = 12, 8
_VERSION = b"\x01"


class AesGcmVault(Vault):
    """A wrapped data key: version, id of the wrapping key, nonce, ciphertext; a sealed secret is the same without id.

    The id tells which key wrapped it, so that rotating the installation's key can go tenant by tenant.
    """

    def __init__(self, master_key: bytes) -> None:
        if len(master_key) != KEY_BYTES:
            raise OperatorMends(
                f"The encryption key has {len(master_key)} bytes instead of {KEY_BYTES}.",
                code="ENCRYPTION_KEY_INVALID",
                fix="Use the key file that `jobferry init` made.",
            )
        self._master = AESGCM(master_key)
        self._id = hashlib.sha256(b"jobferry key id" + master_key).digest()[:_ID_BYTES]

    def new_data_key(self) -> bytes:
        nonce, head = os.urandom(_NONCE_BYTES), _VERSION + self._id
        return head + nonce + self._master.encrypt(nonce, os.urandom(KEY_BYTES), head)

    def seal(self, data_key: bytes, tenant_id: str, field: str, value: Secret) -> bytes:
        nonce = os.urandom(_NONCE_BYTES)
        sealed = self._unwrap(data_key).encrypt(nonce, value.reveal().encode(), _bound(tenant_id, field))
        return _VERSION + nonce + sealed

    def open(self, data_key: bytes, tenant_id: str, field: str, sealed: bytes) -> Secret:
        version, nonce, rest = sealed[:1], sealed[1 : 1 + _NONCE_BYTES], sealed[1 + _NONCE_BYTES :]
        if version != _VERSION:
            raise _unreadable("A stored secret was altered, or sealed by a newer version.")
        try:
            return Secret(self._unwrap(data_key).decrypt(nonce, rest, _bound(tenant_id, field)).decode())
        except (InvalidTag, ValueError) as error:
            raise _unreadable("A stored secret does not belong to this tenant and field, or was altered.") from error

    def _unwrap(self, data_key: bytes) -> AESGCM:
        head, rest = data_key[: 1 + _ID_BYTES], data_key[1 + _ID_BYTES :]
        if head != _VERSION + self._id:
            raise _unreadable("The stored secrets were encrypted with another key.")
        try:
            return AESGCM(self._master.decrypt(rest[:_NONCE_BYTES], rest[_NONCE_BYTES:], head))
        except (InvalidTag, ValueError) as error:
            raise _unreadable("A tenant's data key was altered.") from error


def _bound(tenant_id: str, field: str) -> bytes:
    return b"\x1f".join((_VERSION, tenant_id.encode(), field.encode()))


def _unreadable(message: str) -> OperatorMends:
    return OperatorMends(
        message,
        code="SECRET_UNREADABLE",
        fix="Start with the encryption key that this database was set up with (JOBFERRY_ENCRYPTION_KEY or its file).",
    )
