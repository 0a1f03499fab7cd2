"""Alias mappings in requests and answers."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field

from adapters.inbound.schema.schema_base import Input, Moment, Output, Text
from core.model.mappings.alias import Alias, AliasChanges, AliasEnd, AliasEntry, AliasKind, FormerAlias, entry_errors
from core.model.shared.errors import BadInput, FieldError
from core.services.mappings.aliases import AliasesSet

MOST_AT_ONCE = 500


class AliasExportQuery(Input):
    """An export always contains the whole list."""

    connection: Text
    kind: AliasKind | None = None


class AliasesQuery(AliasExportQuery):
    """`search` finds text in name, code or ServiceTrade id, in upper or lower case."""

    search: Text = ""
    limit: int = Field(default=100, ge=1, le=500)
    cursor: Text | None = None


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
    def of(cls, alias: Alias, connection: str) -> Self:
        return super().of(alias.entry, alias, connection=connection)


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
    def of(cls, entry: AliasEntry, former: Alias | None = None) -> Self:
        return super().of(
            entry, former_name=former.entry.name if former else None, former_code=former.code if former else None
        )


class WrongCellOut(Output):
    """`column` is '' if the whole row or the file is wrong."""

    line: int
    column: str
    detail: str


class AliasImportOut(Output):
    """What an import did, or would do if `imported` is false. Only then `wrong` can have entries."""

    imported: bool
    added: list[AliasChangeOut]
    changed: list[AliasChangeOut]
    unchanged: int
    wrong: list[WrongCellOut]

    @classmethod
    def of(cls, changes: AliasChanges, *, imported: bool) -> Self:
        return super().of(
            changes,
            imported=imported,
            added=[AliasChangeOut.of(entry) for entry in changes.added],
            changed=[AliasChangeOut.of(one.entry, one.former) for one in changes.changed],
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
    def of(cls, former: FormerAlias) -> Self:
        return super().of(former.alias.entry, former.alias, former)
