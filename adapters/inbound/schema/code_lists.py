"""Lists of Spectrum's codes in requests and answers."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field

from adapters.inbound.schema.schema_base import Input, Moment, Output, PageQuery, Text
from adapters.inbound.schema.terms import ConnectionName, SpectrumCode, eg
from core.model.mappings.alias import AliasKind, WrongCell
from core.model.mappings.list_csv import LIST_COLUMNS
from core.model.mappings.listed_code import ListedFrom, ListState, ListTrouble
from core.services.mappings.import_codes import ListImport
from core.services.mappings.look_up_codes import ConnectionLists

_HEADING = "Heading of the column that holds the {}. Without any of these, columns are found by their headings."


_FINGERPRINT = Field(
    description="The `fingerprint` that the dry run answered. Needed to store: another file, or another choice of"
    " columns, is not taken.",
    examples=["0b8f2c6de1a94c5f83b7d2a1c4e5f607"],
)


class CodesQuery(PageQuery):
    """Which codes are wanted, and which page of them."""

    kind: AliasKind | None = None
    """Only codes of this kind. Left out: all kinds."""
    search: Annotated[Text, eg("harbor")] = ""
    """Codes that begin with this text, then those with all of its words at the beginning of words in code or name,
    whatever the case and the accents. '': all codes."""


class ListedCodeOut(Output):
    """A code that the Spectrum company has, with what its list tells. '' stands for what the list does not tell."""

    kind: AliasKind
    """What the code is for."""
    code: SpectrumCode
    name: Annotated[str, eg("Harborview Foods")]
    """Its name or description in Spectrum."""
    active: Annotated[bool | None, eg(True)]
    """Whether it is active in Spectrum. Null: nobody knows."""
    street: Annotated[str, eg("12 Quay St")]
    """Street of a customer or site."""
    city: Annotated[str, eg("Oakland")]
    """City of a customer or site."""
    state: Annotated[str, eg("CA")]
    """State of a customer or site."""
    postal_code: Annotated[str, eg("94607")]
    """Postal code of a customer or site."""
    phone: Annotated[str, eg("510 555 0100")]
    """Phone of a customer or site."""
    customer_code: Annotated[str, eg("HARVIEW")]
    """The customer of a site or contract."""
    site_code: Annotated[str, eg("HV-1")]
    """The site of a contract."""
    unit: Annotated[str, eg("EA")]
    """Unit of measure of an item."""
    listed_from: ListedFrom
    """How we know that the company has the code."""
    refused_at: Moment | None
    """Spectrum refused the code then, although it is listed. Null: it did not, as far as we know."""


class CodeListOut(Output):
    """What is known of one list of a connection's Spectrum company."""

    kind: AliasKind
    """What the codes of the list are for."""
    rows: Annotated[int, eg(1240)]
    """How many codes are listed, wherever they are from."""
    read_at: Moment | None
    """When the list was last read or imported. Null: never."""
    complete: Annotated[bool, eg(True)]
    """Whether every code was read or imported, also the inactive ones. Only such a list shows, for 48 hours, that a
    code does not exist."""
    trouble: ListTrouble | None
    """Why the last attempt did not read the whole list. Null: it did."""
    detail: Annotated[str, eg("")]
    """The trouble, or where the codes are from, in a sentence. '' if there is nothing to say."""
    tried_at: Moment | None
    """When the last attempt ended. Null: there was none."""
    reading_since: Moment | None
    """Since when it is being read, or waits for that. Null: it is not."""
    rows_so_far: Annotated[int, eg(0)]
    """How many rows the present reading has brought."""

    @classmethod
    def of_state(cls, state: ListState) -> Self:
        return cls.of(state, reading_since=state.begun_at)


class CodeListsOut(Output):
    """The lists of a connection, one for each kind of code."""

    connection: ConnectionName
    lists: list[CodeListOut]
    """What is known of each list."""

    @classmethod
    def of_lists(cls, found: ConnectionLists) -> Self:
        return cls(connection=found.connection.slug, lists=[CodeListOut.of_state(state) for state in found.states])


class CodeImportIn(Input):
    """A file with a list of codes, and how it is read and taken."""

    kind: Annotated[AliasKind, eg("site")]
    """What the codes of the file are for."""
    content: Annotated[str, eg("Site Code,Site Name\nHV-1,Harborview North\n")]
    """The file's text."""
    whole: bool = False
    """True: the file holds all codes of this kind that the company has. Codes of an earlier file that it lacks are
    removed, and for 48 hours jobs with a site or contract that it lacks are stopped. False: it only adds and changes
    codes."""
    dry_run: bool = True
    """True: store nothing, and answer what would change. False: store what an earlier dry run showed."""
    fingerprint: Annotated[Text, _FINGERPRINT] = ""
    columns: Annotated[dict[str, Text] | None, eg({"code": "Site Code", "name": "Site Name"})] = None
    """The heading of the column for each thing that a file can tell. Left out or null: columns are found by
    their headings."""


class CodeImportQuery(Input):
    """How a file with a list of codes is read and taken."""

    kind: AliasKind
    """What the codes of the file are for."""
    whole: bool = False
    """True: the file holds all codes of this kind that the company has. Codes of an earlier file that it lacks are
    removed, and for 48 hours jobs with a site or contract that it lacks are stopped. False: it only adds and changes
    codes."""
    dry_run: bool = True
    """True: store nothing, and answer what would change. False: store what an earlier dry run showed."""
    fingerprint: Annotated[Text, _FINGERPRINT] = ""
    code_column: Annotated[Text, Field(description=_HEADING.format("code")), eg("Site Code")] = ""
    name_column: Annotated[Text, Field(description=_HEADING.format("name")), eg("Site Name")] = ""
    active_column: Annotated[Text, Field(description=_HEADING.format("status")), eg("Status")] = ""
    street_column: Annotated[Text, Field(description=_HEADING.format("street")), eg("Address")] = ""
    city_column: Annotated[Text, Field(description=_HEADING.format("city")), eg("City")] = ""
    state_column: Annotated[Text, Field(description=_HEADING.format("state")), eg("State")] = ""
    postal_code_column: Annotated[Text, Field(description=_HEADING.format("postal code")), eg("Zip")] = ""
    phone_column: Annotated[Text, Field(description=_HEADING.format("phone")), eg("Phone")] = ""
    customer_code_column: Annotated[Text, Field(description=_HEADING.format("customer's code")), eg("Customer")] = ""
    site_code_column: Annotated[Text, Field(description=_HEADING.format("site's code")), eg("Site")] = ""
    unit_column: Annotated[Text, Field(description=_HEADING.format("unit of measure")), eg("UOM")] = ""

    def columns(self) -> dict[str, str] | None:
        """The named columns, None if none is named."""
        named = {key: getattr(self, f"{key}_column") for key in LIST_COLUMNS}
        return {key: name for key, name in named.items() if name} or None


class WrongRowOut(Output):
    """A row that cannot be read."""

    line: Annotated[int, eg(17)]
    """Line of the file on which the row begins; the first line is 1."""
    column: Annotated[str, eg("Site Code")]
    """Heading of the wrong column. '': the whole file."""
    detail: Annotated[str, eg("the code is empty")]
    """What is wrong with it."""

    @classmethod
    def of_cell(cls, cell: WrongCell) -> Self:
        return cls.of(cell)


class CodeImportOut(Output):
    """What an import changes, or has changed."""

    imported: Annotated[bool, eg(False)]
    """Whether it is stored. False: this is what would change."""
    added: Annotated[int, eg(380)]
    """How many codes are new."""
    changed: Annotated[int, eg(12)]
    """How many codes have another name, address or status."""
    removed: Annotated[int, eg(3)]
    """How many codes of an earlier file are removed, because this file is the whole list and lacks them."""
    counts_as_whole: Annotated[bool, eg(True)]
    """Whether a site or contract that the list lacks then stops jobs, for 48 hours."""
    accepted: Annotated[int, eg(0)]
    """Only of a dry run of the whole list: how many codes Spectrum accepted although the file lacks them. They stay. If
    there are any, the file may not hold all codes."""
    first_accepted: Annotated[list[str], eg([])]
    """The first 20 of these codes."""
    stopped: Annotated[int, eg(2)]
    """Only of a dry run: how many aliases and external ids have a code that would be inactive or, if the file holds the
    whole list, not listed. Jobs with these codes would be stopped."""
    first_stopped: Annotated[list[str], eg(["HV-7", "HV-9"])]
    """The first 20 of these codes."""
    unchanged: Annotated[int, eg(5)]
    """How many codes stay as they are, also because Spectrum's own list tells them."""
    wrong_rows: Annotated[int, eg(0)]
    """How many rows cannot be read. They are left out, and nothing is removed then."""
    wrong: list[WrongRowOut]
    """The first 1,000 of them, or why the file is not taken at all."""
    encoding: Annotated[str, eg("UTF-8")]
    """The file's character set, as it was found out."""
    separator: Annotated[str, eg(",")]
    """What separates its columns, as it was found out."""
    header: Annotated[list[str], eg(["Site Code", "Site Name"])]
    """The headings of its columns."""
    columns: Annotated[dict[str, str], eg({"code": "Site Code", "name": "Site Name"})]
    """Which column is read for what."""
    fingerprint: Annotated[str, eg("0b8f2c6de1a94c5f83b7d2a1c4e5f607")]
    """Give it with the same file to store the import. '' if the file is not taken."""

    @classmethod
    def of_import(cls, found: ListImport) -> Self:
        file = found.file
        wrong = [WrongRowOut.of_cell(cell) for cell in file.wrong]
        return cls.of(
            found,
            file,
            imported=found.done,
            wrong=wrong,
            columns=dict(file.columns),
            fingerprint=found.fingerprint,
            first_accepted=[one.code for one in found.first_accepted],
            first_stopped=[one.code for one in found.first_stopped],
        )
