"""Alias mappings in requests and answers."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from adapters.inbound.schema.schema_base import Input, Moment, Output, Text
from core.model.mappings.alias import Alias, AliasEnd, AliasEntry, AliasKind, FormerAlias, entry_errors
from core.model.mappings.alias_change import AliasChanges, WrongCell
from core.model.shared.errors import BadInput, FieldError
from core.services.mappings.set_aliases import AliasesSet

MOST_AT_ONCE = 500


class AliasesQuery(Input):
    """`search` finds text in name, code or ServiceTrade id, in upper or lower case."""

    connection: Text
    kind: AliasKind | None = None
    search: Text = ""
    limit: int = Field(default=100, ge=1, le=500)
    cursor: Text | None = None


class AliasExportQuery(Input):
    """An export always contains the whole list."""

    connection: Text
    kind: AliasKind | None = None


class AliasImportQuery(Input):
    """With `dry_run` nothing is written, and the answer names every error."""

    connection: Text
    dry_run: bool = False


class AliasIn(Input):
    kind: AliasKind
    servicetrade_id: str
    name: str = ""
    code: str


class AliasesIn(Input):
    """Up to 500 aliases: all of them are set, or none. Use CSV for more."""

    connection: Text
    aliases: Annotated[list[AliasIn], Field(min_length=1, max_length=MOST_AT_ONCE)]

    def entries(self) -> list[AliasEntry]:
        """The entries. Raises BadInput (ALIAS_INVALID), which points at every wrong field."""
        given = [(one.kind, one.servicetrade_id.strip(), one.name, one.code.strip()) for one in self.aliases]
        errors = [
            FieldError(f"/aliases/{index}{error.pointer}", error.detail)
            for index, fields in enumerate(given)
            for error in entry_errors(*fields)
        ]
        if errors:
            raise BadInput(
                "The aliases are not valid: " + "; ".join(f"{e.pointer}: {e.detail}" for e in errors[:3]) + ".",
                code="ALIAS_INVALID",
                fix="Correct the named fields; nothing was changed.",
                errors=errors,
            )
        return [AliasEntry(*fields) for fields in given]


class AliasOut(Output):
    id: str
    connection: str
    kind: AliasKind
    servicetrade_id: str
    name: str
    code: str
    set_at: Moment
    set_by: str

    @classmethod
    def of(cls, alias: Alias, connection: str) -> AliasOut:
        entry = alias.entry
        return cls(
            id=alias.id,
            connection=connection,
            kind=entry.kind,
            servicetrade_id=entry.servicetrade_id,
            name=entry.name,
            code=entry.code,
            set_at=alias.set_at,
            set_by=alias.set_by,
        )


class AliasesSetOut(Output):
    """`items` are the aliases of the request in their new state."""

    items: list[AliasOut]
    added: int
    changed: int
    unchanged: int

    @classmethod
    def of(cls, done: AliasesSet, connection: str) -> AliasesSetOut:
        changes = done.changes
        return cls(
            items=[AliasOut.of(alias, connection) for alias in done.aliases],
            added=len(changes.added),
            changed=len(changes.changed),
            unchanged=changes.unchanged,
        )


class AliasChangeOut(Output):
    """`former_code` and `former_name` are null for a new alias."""

    kind: AliasKind
    servicetrade_id: str
    name: str
    code: str
    former_name: str | None
    former_code: str | None

    @classmethod
    def of(cls, entry: AliasEntry, former: Alias | None = None) -> AliasChangeOut:
        return cls(
            kind=entry.kind,
            servicetrade_id=entry.servicetrade_id,
            name=entry.name,
            code=entry.code,
            former_name=former.entry.name if former else None,
            former_code=former.code if former else None,
        )


class WrongCellOut(Output):
    """`column` is '' if the whole row or the file is wrong."""

    line: int
    column: str
    detail: str

    @classmethod
    def of(cls, cell: WrongCell) -> WrongCellOut:
        return cls(line=cell.line, column=cell.column, detail=cell.detail)


class AliasImportOut(Output):
    """What an import did, or would do if `imported` is false. Only then `wrong` can have entries."""

    imported: bool
    added: list[AliasChangeOut]
    changed: list[AliasChangeOut]
    unchanged: int
    wrong: list[WrongCellOut]

    @classmethod
    def of(cls, changes: AliasChanges, *, imported: bool) -> AliasImportOut:
        return cls(
            imported=imported,
            added=[AliasChangeOut.of(entry) for entry in changes.added],
            changed=[AliasChangeOut.of(one.entry, one.former) for one in changes.changed],
            unchanged=changes.unchanged,
            wrong=[WrongCellOut.of(cell) for cell in changes.wrong],
        )


class FormerAliasOut(Output):
    """A former code of a record, and who ended it when."""

    kind: AliasKind
    servicetrade_id: str
    name: str
    code: str
    set_at: Moment
    set_by: str
    end: AliasEnd
    ended_at: Moment
    ended_by: str

    @classmethod
    def of(cls, former: FormerAlias) -> FormerAliasOut:
        entry = former.alias.entry
        return cls(
            kind=entry.kind,
            servicetrade_id=entry.servicetrade_id,
            name=entry.name,
            code=entry.code,
            set_at=former.alias.set_at,
            set_by=former.alias.set_by,
            end=former.end,
            ended_at=former.ended_at,
            ended_by=former.ended_by,
        )
