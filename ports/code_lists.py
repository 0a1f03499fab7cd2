"""The lists of codes that a connection's Spectrum company has, as far as somebody can read them."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Collection
from typing import Protocol

from core.model.connections.connection import Connection
from core.model.mappings.alias import AliasKind

Code = tuple[AliasKind, str]


class CodeLists(Protocol):
    @abstractmethod
    async def unknown(self, connection: Connection, codes: Collection[Code]) -> Collection[Code]:
        """Those of the codes that the company surely does not have.

        A code of a kind whose list cannot be read is not among them: nobody knows. Must not raise for an unreachable
        system, so that codes can be set while it is away.
        """
        ...
