"""Sealed secrets: what opens, what does not, and what the messages never say."""

from __future__ import annotations

import base64
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from adapters.outbound.vault.aes_gcm_vault import AesGcmVault
from adapters.outbound.vault.key_file import make_key_file, read_key_file
from adapters.outbound.vault.master_key import keys_from_text
from core.model.shared.errors import OperatorMends
from core.model.shared.secret import Secret

MASTER = b"PLANTED-master-key-of-32-bytes!!"
VALUE = Secret("PLANTED-välue")


@pytest.fixture
def vault() -> AesGcmVault:
    return AesGcmVault(MASTER)


def test_a_secret_comes_back(vault: AesGcmVault) -> None:
    data_key = vault.new_data_key()
    for value in (VALUE, Secret(""), Secret("x" * 10_000)):
        sealed = vault.seal(data_key, "ten_1", "field", value)
        assert AesGcmVault(MASTER).open(data_key, "ten_1", "field", sealed) == value
        assert not value.reveal() or value.reveal().encode() not in sealed


def test_nothing_is_sealed_twice_alike(vault: AesGcmVault) -> None:
    data_key = vault.new_data_key()
    assert vault.new_data_key() != data_key
    assert len({vault.seal(data_key, "ten_1", "field", VALUE) for _ in range(20)}) == 20


@pytest.mark.parametrize(
    "opened",
    [
        lambda vault, key, sealed: vault.open(key, "ten_2", "field", sealed),
        lambda vault, key, sealed: vault.open(key, "ten_1", "other", sealed),
        lambda vault, key, sealed: vault.open(vault.new_data_key(), "ten_1", "field", sealed),
        lambda vault, key, sealed: AesGcmVault(b"o" * 32).open(key, "ten_1", "field", sealed),
        lambda vault, key, sealed: vault.open(key[:9] + b"x" + key[10:], "ten_1", "field", sealed),
        lambda vault, key, sealed: vault.open(key[:9], "ten_1", "field", sealed),
        lambda vault, key, sealed: vault.open(b"", "ten_1", "field", sealed),
        lambda vault, key, sealed: vault.open(key, "ten_1", "field", b""),
        lambda vault, key, sealed: vault.open(key, "ten_1", "field", sealed[:-1]),
        lambda vault, key, sealed: vault.open(key, "ten_1", "field", sealed[:5]),
        lambda vault, key, sealed: vault.open(key, "ten_1", "field", b"\x02" + sealed[1:]),
    ],
    ids=[
        "tenant",
        "field",
        "data key",
        "master key",
        "altered key",
        "short key",
        "no key",
        "nothing sealed",
        "cut short",
        "cut to its nonce",
        "other version",
    ],
)
def test_what_does_not_fit_does_not_open(
    vault: AesGcmVault, opened: Callable[[AesGcmVault, bytes, bytes], Secret]
) -> None:
    key = vault.new_data_key()
    sealed = vault.seal(key, "ten_1", "field", VALUE)
    with pytest.raises(OperatorMends) as caught:
        opened(vault, key, sealed)
    assert caught.value.code == "SECRET_UNREADABLE"
    assert caught.value.fix
    assert "PLANTED" not in _everything_said(caught.value)


def test_every_flipped_bit_is_noticed(vault: AesGcmVault) -> None:
    key = vault.new_data_key()
    sealed = vault.seal(key, "ten_1", "field", VALUE)
    for position in range(len(sealed)):
        altered = bytearray(sealed)
        altered[position] ^= 1
        with pytest.raises(OperatorMends):
            vault.open(key, "ten_1", "field", bytes(altered))


def test_where_tenant_ends_and_field_begins_is_bound_too(vault: AesGcmVault) -> None:
    key = vault.new_data_key()
    sealed = vault.seal(key, "ten_1", "field", VALUE)
    with pytest.raises(OperatorMends):
        vault.open(key, "ten_", "1field", sealed)


def test_a_key_file_is_its_owners_only_and_made_once(tmp_path: Path) -> None:
    path = tmp_path / "data" / "encryption.key"
    assert make_key_file(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    [key] = read_key_file(path)
    assert len(key) == 32
    assert not make_key_file(path)
    assert read_key_file(path) == (key,)
    assert make_key_file(tmp_path / "another")
    assert read_key_file(tmp_path / "another") != (key,)


def test_a_missing_key_file_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(OperatorMends, match="cannot be read: No such file") as caught:
        read_key_file(tmp_path / "none")
    assert caught.value.code == "ENCRYPTION_KEY_MISSING"
    assert "jobferry init" in caught.value.fix


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"PLANTED not base64!",
        base64.b64encode(b"PLANTED"),
        base64.b64encode(MASTER + b"x"),
        b"PLANTED\xff\xfe",
        "PLANTED-ü".encode(),
    ],
)
def test_a_key_that_is_none_says_so_without_showing_it(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "encryption.key"
    path.write_bytes(content)
    with pytest.raises(OperatorMends) as caught:
        read_key_file(path)
    assert caught.value.code == "ENCRYPTION_KEY_INVALID"
    assert "PLANTED" not in _everything_said(caught.value)


def test_the_text_of_a_key_may_have_spaces_around_it() -> None:
    assert keys_from_text(Secret(f" {base64.b64encode(MASTER).decode()}\n")) == (MASTER,)


def test_a_vault_refuses_a_short_master_key() -> None:
    with pytest.raises(OperatorMends) as caught:
        AesGcmVault(b"PLANTED")
    assert caught.value.code == "ENCRYPTION_KEY_INVALID"
    assert "PLANTED" not in _everything_said(caught.value)


def _everything_said(error: BaseException | None) -> str:
    """The error and every cause behind it, as a log would print them."""
    said = ""
    while error is not None:
        said += repr(error) + str(error) + getattr(error, "fix", "")
        error = error.__cause__ or error.__context__
    return said
