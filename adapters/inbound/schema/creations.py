"""New sites and customers in Spectrum: their preview, the confirmation, and what became of each."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, StringConstraints

from adapters.inbound.schema.findings import FindingOut
from adapters.inbound.schema.schema_base import Input, Moment, Output, PageQuery, Text, one_of
from adapters.inbound.schema.terms import (
    BatchId,
    ConnectionName,
    ConnectionNameIn,
    MappedId,
    MappedName,
    SpectrumCode,
    eg,
)
from core.model.creations.creation import CreationKind, CreationState
from core.model.mappings.alias import CodeSource
from core.services.creations.manage_creations import CreationOn
from core.services.creations.preview_creation import CreationPreview

_RECORD = "ServiceTrade's id of the location, or of the company for a customer: digits, as text."
_KIND = (
    "`site`: a new site from a location. `customer`: a new customer from a company. `customer_change`: new values for"
    " the customer that a company has already."
)
_FIELDS = (
    "Values by the names of Spectrum's fields, such as `Site_Name`. '' leaves a field empty. None is cut: one that is"
    " too long is an error."
)
_VALUES = {"Site_ID": "QUAILRIDGE", "Site_Name": "Quail Ridge Tower", "Site_City": "Durham", "Site_State": "NC"}
Kind = Annotated[CreationKind, one_of(CreationKind), Field(description=_KIND, examples=["site"])]
RecordId = Annotated[
    str, StringConstraints(pattern=r"^[1-9][0-9]{0,15}$"), Field(description=_RECORD, examples=["2274012005535745"])
]
FieldName = Annotated[Text, StringConstraints(min_length=1, max_length=40)]
Fields = Annotated[dict[FieldName, Text], Field(max_length=100, description=_FIELDS, examples=[_VALUES])]
CreationId = Annotated[
    str, Field(description="Id of the creation, given by Jobferry.", examples=["crn_01KJPV4V00EXAMPLE0000000C1"])
]
KindOut = Annotated[CreationKind, Field(description=_KIND, examples=["site"])]


class CreationPreviewIn(Input):
    """Which record is to be created, and what is to be changed in the proposal."""

    kind: Kind
    record_id: RecordId
    fields: Fields = Field(default_factory=dict)


class CreationIn(Input):
    """A confirmed record: exactly these values are sent, once."""

    kind: Kind
    record_id: RecordId
    fields: Fields
    keep: Annotated[CodeSource, one_of(CodeSource), eg("alias")] = CodeSource.ALIAS
    """Where the code is kept once the record is there. `alias`: in Jobferry. `servicetrade`: as the external id of
    ServiceTrade's record."""
    send_again: bool = False
    """Whether the failed sends that need nothing but this code are then sent again."""


class CreationsQuery(PageQuery):
    """Which creations are wanted."""

    connection: ConnectionNameIn | None = None
    """Only those of this connection. Left out: all connections."""
    state: Annotated[CreationState, one_of(CreationState), eg("in_doubt")] | None = None
    """Only those in this state. Left out: all states."""
    needs_person: bool = False
    """Only those that wait for somebody: in doubt, or with a code that could not be kept."""


class CreationVerdictIn(Input):
    """What somebody saw in Spectrum."""

    there: Annotated[bool, eg(True)]
    """True: the record with this code is there, and is this one. False: it is not there."""
    reason: Annotated[str, eg("Looked in Work Order > Site Maintenance: QUAILRIDGE is there.")]
    """What the person saw in Spectrum; the audit keeps it."""


class KeepCodeIn(Input):
    """Where the code is to be kept."""

    keep: Annotated[CodeSource, one_of(CodeSource), eg("alias")] | None = None
    """`alias` or `servicetrade`: try again there. Left out or null: leave the code that ServiceTrade's record has."""


class PreviewFieldOut(Output):
    """A field of Spectrum's service with the value that would be sent."""

    name: Annotated[str, eg("Site_Name")]
    """Its name in Spectrum."""
    value: Annotated[str, eg("Quail Ridge Tower")]
    """The value that would be sent. '' for none."""
    origin: Annotated[str, eg("location.name")]
    """Where the value is from: a member of ServiceTrade's record, a setting, or `typed`. '' for none."""
    origin_words: Annotated[str, eg("the location's name")]
    """The same in words for people."""
    note: Annotated[str, eg("without its commas, which Spectrum does not take")]
    """How the value differs from its origin. '' if it does not."""
    problem: Annotated[str, eg("")]
    """What is wrong with the value. '' if nothing is."""
    longest: Annotated[int, eg(30)]
    """The most characters that Spectrum takes."""
    required: Annotated[bool, eg(True)]
    """Whether Spectrum requires a value."""
    format: Annotated[str, eg("")]
    """The form that Spectrum's documentation demands, in its words. '' for none."""


class CreationPreviewOut(Output):
    """What would be sent to make a record in Spectrum. Nothing was written."""

    kind: KindOut
    connection: ConnectionName
    service: Annotated[str, eg("AddWOSiteAddress")]
    """The web service of Spectrum."""
    record_id: MappedId
    record_name: MappedName
    code: SpectrumCode
    fields: list[PreviewFieldOut]
    """Every field of the service, in the order of the request."""
    findings: list[FindingOut]
    """What speaks against it, and what to know."""
    possible: Annotated[bool, eg(True)]
    """Whether it can be confirmed as it is."""
    fingerprint: Annotated[str, eg("5b1f6a0c93de")]
    """Another one as soon as the connection, its company or a value is another one. The command confirms with it."""
    open_creation: CreationId | None
    """Another creation of the same record that has not ended. Null: there is none."""

    @classmethod
    def of_preview(cls, preview: CreationPreview) -> CreationPreviewOut:
        return cls(
            kind=preview.kind,
            connection=preview.connection.slug,
            service=preview.service,
            record_id=preview.record.id,
            record_name=preview.record.name,
            code=preview.code,
            fields=[PreviewFieldOut.of(one) for one in preview.fields],
            findings=[FindingOut.of(one, item_id=None) for one in preview.findings],
            possible=preview.possible,
            fingerprint=preview.fingerprint,
            open_creation=preview.open.id if preview.open else None,
        )


class CreationOut(Output):
    """A record that is to be, may be, or is made in Spectrum."""

    id: CreationId
    kind: KindOut
    connection: ConnectionName
    record_id: MappedId
    record_name: MappedName
    code: SpectrumCode
    fields: Annotated[dict[str, str], eg(_VALUES)]
    """What is or was sent, by the names of Spectrum's fields."""
    state: Annotated[CreationState, eg("created")]
    """How far it is."""
    needs_person: Annotated[bool, eg(False)]
    """Whether it waits for somebody: in doubt, or with a code that could not be kept."""
    findings: list[FindingOut]
    """What is wrong, and what to do."""
    keep: Annotated[CodeSource, eg("alias")]
    """Where the code is kept once the record is there."""
    code_kept_at: Moment | None
    """When the code was stored for ServiceTrade's record. Null: not yet."""
    batch_id: BatchId | None
    """The batch of the sends that were sent again with this code. Null: none were."""
    requested_by: Annotated[str, eg("Dispatch")]
    """Who confirmed it."""
    requested_at: Moment
    """When it was confirmed."""
    sent_at: Moment | None
    """When Spectrum was called. Null: it was not."""
    quiet_until: Moment | None
    """Before this moment nobody can say that it is not there, because Spectrum may still make it. Null: no limit."""
    outcome: Annotated[str, eg("")]
    """What became of the call, in short. '' without an answer."""
    request: Annotated[str, eg("<soap:Envelope>...</soap:Envelope>")]
    """What was sent, secrets masked. '' if there was no answer."""
    answer: Annotated[str, eg("<soap:Envelope>...</soap:Envelope>")]
    """What came back, secrets masked. '' if nothing did."""
    where_to_look: Annotated[str, eg("In Spectrum, company 101, look for the site QUAILRIDGE.")]
    """Where in Spectrum to look."""
    settled_by: Annotated[str, eg("Dispatch")] | None
    """Who said what is in Spectrum. Null: nobody did."""
    settled_reason: Annotated[str, eg("It is there.")] | None
    """What that person saw. Null: nobody said."""

    @classmethod
    def of_creation(cls, shown: CreationOn) -> CreationOut:
        one = shown.creation
        return cls.of(
            one,
            connection=shown.connection.slug,
            fields=dict(one.fields),
            findings=[FindingOut.of(found, item_id=None) for found in one.findings],
            where_to_look=where_to_look(shown),
        )


def where_to_look(shown: CreationOn) -> str:
    """One sentence for a person who is to look in Spectrum."""
    what = "site" if shown.creation.kind is CreationKind.SITE else "customer"
    return f"In Spectrum, company {shown.connection.company_code}, look for the {what} {shown.creation.code}."
