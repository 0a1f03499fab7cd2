"""Alias mappings in requests and answers."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field

from adapters.inbound.schema.schema_base import CURSOR, Input, Moment, Output, Text
from adapters.inbound.schema.terms import By, ConnectionName, ConnectionNameIn, MappedId, MappedName, SpectrumCode, eg
from core.model.mappings.alias import Alias, AliasChanges, AliasEnd, AliasEntry, AliasKind, FormerAlias, entry_errors
from core.model.shared.errors import BadInput, FieldError
from core.services.mappings.aliases import AliasesSet

MOST_AT_ONCE = 500


class AliasExportQuery(Input):
    """Which alias mappings are wanted. An export always contains the whole list."""

    connection: ConnectionNameIn
    kind: AliasKind | None = None
    """Only mappings of this kind. Left out: all kinds."""


class AliasesQuery(AliasExportQuery):
    """Which alias mappings are wanted, and which page of them."""

    search: Annotated[Text, eg("harbor")] = ""
    """Only mappings with this text in the name, the code or the ServiceTrade id, in upper or lower case. '': all."""
    limit: int = Field(default=100, ge=1, le=500)
    """The most mappings in one answer."""
    cursor: Annotated[Text, CURSOR] | None = None


class AliasImportQuery(Input):
    """How a file of alias mappings is read."""

    connection: ConnectionNameIn
    dry_run: bool = False
    """True: write nothing, and answer what would change and every error in the file."""


class AliasIn(Input):
    """The Spectrum code of one record in ServiceTrade."""

    kind: AliasKind
    servicetrade_id: MappedId
    name: MappedName = ""
    code: SpectrumCode


class AliasesIn(Input):
    """Up to 500 aliases: all of them are set, or none. Use CSV for more."""

    connection: ConnectionNameIn
    aliases: Annotated[list[AliasIn], Field(min_length=1, max_length=MOST_AT_ONCE)]
    """The aliases to set. A record that has another code gets the new one."""

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
    """The Spectrum code of one record in ServiceTrade, used instead of the record's external id."""

    id: Annotated[str, eg("als_01KJPV4V00EXAMPLE0000000A1")]
    """Id of the alias, given by Jobferry."""
    connection: ConnectionName
    kind: AliasKind
    servicetrade_id: MappedId
    name: MappedName
    code: SpectrumCode
    set_at: Moment
    """When this code was set."""
    set_by: By

    @classmethod
    def of(cls, alias: Alias, connection: str) -> Self:
        return super().of(alias.entry, alias, connection=connection)


class AliasesSetOut(Output):
    """What a request to set aliases did."""

    items: list[AliasOut]
    """The aliases of the request in their new state."""
    added: Annotated[int, eg(1)]
    """How many records got their first code."""
    changed: Annotated[int, eg(0)]
    """How many records had another code or name."""
    unchanged: Annotated[int, eg(0)]
    """How many had the same code and name already."""

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
    """One record whose code or name an import changes."""

    kind: AliasKind
    servicetrade_id: MappedId
    name: MappedName
    code: SpectrumCode
    former_name: Annotated[str, eg("Harborview")] | None
    """The name before. Null for a new alias."""
    former_code: Annotated[str, eg("HARBOR")] | None
    """The code before. Null for a new alias."""

    @classmethod
    def of(cls, entry: AliasEntry, former: Alias | None = None) -> Self:
        return super().of(
            entry, former_name=former.entry.name if former else None, former_code=former.code if former else None
        )


class WrongCellOut(Output):
    """One error in the file of an import."""

    line: Annotated[int, eg(3)]
    """Line of the file, from 1; the heading is line 1."""
    column: Annotated[str, eg("code")]
    """Heading of the column. '' if the whole row or the file is wrong."""
    detail: Annotated[str, eg("at most 10 characters")]
    """What a right value would be."""


class AliasImportOut(Output):
    """What an import did, or would do."""

    imported: Annotated[bool, eg(True)]
    """Whether anything was stored. False: this was a dry run."""
    added: list[AliasChangeOut]
    """New aliases."""
    changed: list[AliasChangeOut]
    """Aliases with another code or name than before."""
    unchanged: Annotated[int, eg(12)]
    """How many rows say what is stored already."""
    wrong: Annotated[list[WrongCellOut], eg([])]
    """Every error in the file. Only a dry run has entries here: an import with errors is refused as a whole."""

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
    servicetrade_id: MappedId
    name: MappedName
    code: Annotated[str, eg("HARBOR")]
    """The code that the record had in Spectrum."""
    set_at: Moment
    """When this code was set."""
    set_by: By
    end: AliasEnd
    """Whether another code took its place, or the alias was removed."""
    ended_at: Moment
    """When the code ended."""
    ended_by: By

    @classmethod
    def of(cls, former: FormerAlias) -> Self:
        return super().of(former.alias.entry, former.alias, former)
