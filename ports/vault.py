"""Encryption of secrets: one data key for each tenant, wrapped by the installation's own key."""

from __future__ import annotations

from abc import abstractmethod
from typing import Protocol

from core.model.shared.secret import Secret


class Vault(Protocol):
    @abstractmethod
    def new_data_key(self) -> bytes:
        """A new tenant data key, wrapped; only this form is ever stored."""
        ...

    @abstractmethod
    def seal(self, data_key: bytes, tenant_id: str, field: str, value: Secret) -> bytes:
        """Encrypt. The result can be decrypted only for the same tenant and field."""
        ...

    @abstractmethod
    def open(self, data_key: bytes, tenant_id: str, field: str, sealed: bytes) -> Secret:
        """Decrypt. Raises OperatorMends (SECRET_UNREADABLE) if key, tenant or field is wrong."""
        ...

    @abstractmethod
    def current(self, data_key: bytes) -> bool:
        """Whether it is wrapped by the key that wraps new ones, not by a former key."""
        ...

    @abstractmethod
    def knows(self, data_key: bytes) -> bool:
        """Whether the key that wrapped it is available."""
        ...
