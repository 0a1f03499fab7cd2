"""The installation's own key, which encrypts the tenants' keys. It is in the settings or in its file."""

from __future__ import annotations

from adapters.bootstrap.settings import Settings
from adapters.outbound.vault.aes_gcm_vault import AesGcmVault
from adapters.outbound.vault.key_file import WatchedKeyFile, make_key_file
from adapters.outbound.vault.master_key import keys_from_text
from core.model.shared.errors import OperatorMends
from core.model.shared.secret import Secret


def open_vault(settings: Settings) -> AesGcmVault:
    """The vault with this key. Raises OperatorMends (ENCRYPTION_KEY_MISSING, ENCRYPTION_KEY_INVALID)."""
    if settings.encryption_key:
        return AesGcmVault(*keys_in_settings(settings))
    return AesGcmVault(changed=WatchedKeyFile(settings.key_file).changed)


def keys_in_settings(settings: Settings) -> tuple[bytes, ...]:
    """The keys in JOBFERRY_ENCRYPTION_KEY; () if they are in a file."""
    if settings.encryption_key is None:
        return ()
    return keys_from_text(Secret(settings.encryption_key.get_secret_value()))


def ensure_key(settings: Settings) -> bool:
    """Make the key file if there is no key. True if it was made. Raises OperatorMends (KEY_FILE_UNWRITABLE)."""
    if settings.encryption_key:
        return False
    try:
        return make_key_file(settings.key_file)
    except OSError as error:
        raise OperatorMends(
            f"The encryption key file {settings.key_file} cannot be made: {error.strerror}.",
            code="KEY_FILE_UNWRITABLE",
            fix="Make its folder writable for this user, or choose another with JOBFERRY_ENCRYPTION_KEY_FILE.",
        ) from error
