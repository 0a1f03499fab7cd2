"""Code lists in memory: the codes of each company and kind that a test has entered; of others nothing is known."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field

from core.model.connections.connection import Connection
from core.model.mappings.alias import AliasKind
from ports.code_lists import Code, CodeLists


@dataclass
class MemoryCodeLists(CodeLists):
    lists: dict[tuple[str, AliasKind], set[str]] = field(default_factory=dict)
    """By company code and kind."""

    async def unknown(self, connection: Connection, codes: Collection[Code]) -> Collection[Code]:
        lists = {kind: self.lists.get((connection.company_code, kind)) for kind, _ in codes}
        return [(kind, code) for kind, code in codes if (known := lists[kind]) is not None and code not in known]
