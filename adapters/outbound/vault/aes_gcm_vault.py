"""AES-256-GCM with a data key per tenant. Tenant and field are authenticated, so a moved row cannot be decrypted."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from adapters.outbound.vault.master_key import ID_BYTES, KEY_BYTES, key_id
from core.model.shared.errors import OperatorMends
from core.model.shared.secret import Secret
from ports.vault import Vault

_NONCE_BYTES = 12
_VERSION = b"\x01"


class AesGcmVault(Vault):
    """A wrapped data key is: version, id of the wrapping key, nonce, ciphertext. A sealed secret is the same, less id.

    The first of `master_keys` wraps, the others only open. `changed` returns all keys if they may have changed since
    its last call, else nothing. So a running process learns a new key. A known key continues to open.
    """

    def __init__(self, *master_keys: bytes, changed: Callable[[], Sequence[bytes]] = tuple) -> None:
        self._by_id: dict[bytes, AESGCM] = {}
        self._first = b""
        self._changed = changed
        self._take(master_keys or tuple(changed()))

    def new_data_key(self) -> bytes:
        # Check each time: if a rotation has just retired the key, no other process could open the new data key.
        self._take(self._changed())
        nonce, head = os.urandom(_NONCE_BYTES), _VERSION + self._first
        return head + nonce + self._by_id[self._first].encrypt(nonce, os.urandom(KEY_BYTES), head)

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

    def current(self, data_key: bytes) -> bool:
        self._take(self._changed())
        return data_key[: 1 + ID_BYTES] == _VERSION + self._first

    def knows(self, data_key: bytes) -> bool:
        return self._master_of(data_key) is not None

    def _unwrap(self, data_key: bytes) -> AESGCM:
        head, rest = data_key[: 1 + ID_BYTES], data_key[1 + ID_BYTES :]
        master = self._master_of(data_key)
        if master is None:
            raise _unreadable("The stored secrets were encrypted with another key.")
        try:
            return AESGCM(master.decrypt(rest[:_NONCE_BYTES], rest[_NONCE_BYTES:], head))
        except (InvalidTag, ValueError) as error:
            raise _unreadable("A tenant's data key was altered.") from error

    def _master_of(self, data_key: bytes) -> AESGCM | None:
        version, wrapped_by = data_key[:1], data_key[1 : 1 + ID_BYTES]
        if wrapped_by not in self._by_id:
            self._take(self._changed())
        return self._by_id.get(wrapped_by) if version == _VERSION else None

    def _take(self, master_keys: Sequence[bytes]) -> None:
        """Add keys and never drop one: a row that was read just before the end of a rotation must still open."""
        self._by_id |= {key_id(key): AESGCM(key) for key in master_keys}
        self._first = key_id(master_keys[0]) if master_keys else self._first


def _bound(tenant_id: str, field: str) -> bytes:
    return b"\x1f".join((_VERSION, tenant_id.encode(), field.encode()))


def _unreadable(message: str) -> OperatorMends:
    return OperatorMends(
        message,
        code="SECRET_UNREADABLE",
        fix="Start with the encryption key that this database was set up with (JOBFERRY_ENCRYPTION_KEY or its file). "
        "If the key was changed after a backup was made, give both: the current one first.",
    )
