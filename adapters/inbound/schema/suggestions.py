"""Suggested codes in requests and answers: the search, the records, and what is decided."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import Annotated, Self

from pydantic import Field

from adapters.inbound.schema.schema_base import Input, Moment, Output, PageQuery, Text, one_of
from adapters.inbound.schema.terms import By, ConnectionName, MappedId, MappedIdIn, MappedName, SpectrumCode, eg
from core.model.mappings.alias import AliasKind
from core.model.mappings.suggested_record import Grade, RecordState, SearchStep, SuggestionTally
from core.model.shared.errors import BadInput, FieldError
from core.services.mappings.suggestions.decide import AT_ONCE, Outcome, Pair, PairOutcome
from core.services.mappings.suggestions.show_suggestions import ShownRecord, ShownSearch
from ports.storage.mappings.suggestions import RecordFilter

Name = Annotated[str, eg("Harborview Foods Inc")]
Street = Annotated[str, eg("4100 Foundry Rd")]
City = Annotated[str, eg("Raleigh")]
State = Annotated[str, eg("NC")]
PostalCode = Annotated[str, eg("27610")]
Phone = Annotated[str, eg("919-555-0100")]
Version = Annotated[int, eg(17)]


class Target(StrEnum):
    """Where the codes go."""

    SERVICETRADE = "servicetrade"
    """Into ServiceTrade, as external ids. ServiceTrade accepts each code only once."""
    ALIAS = "alias"
    """Into Jobferry, as aliases. Several records may have the same code."""


class SuggestionsQuery(PageQuery):
    """Which records are wanted, and which part of the list."""

    kind: Annotated[AliasKind, one_of(AliasKind), eg("customer")] | None = None
    """Only records of this kind. Left out: of all kinds."""
    state: Annotated[RecordState, one_of(RecordState), eg("open")] = RecordState.OPEN
    """Only records in this state. Left out: those about which nobody has decided."""
    grade: Annotated[Grade, one_of(Grade), eg("clear")] | None = None
    """Only records of this grade. Left out: of any."""
    not_set: Annotated[bool, eg(False)] = False
    """True: only records whose confirmed code could not be set."""

    @property
    def wanted(self) -> RecordFilter:
        return RecordFilter(state=self.state, grade=self.grade, kind=self.kind, troubled=self.not_set)


class SearchOut(Output):
    """How the search for the codes of a connection stands."""

    connection: ConnectionName
    step: SearchStep | None
    """Its next step. Null: nobody has searched yet."""
    requested_by: By | None
    started_at: Moment | None
    """When it was started. Null: nobody has searched yet."""
    finished_at: Moment | None
    """When it ended. Null: it still runs, or nobody has searched yet."""
    records: Annotated[int, eg(612)]
    """How many of ServiceTrade's records were read."""
    trouble: Annotated[str, eg("")]
    """Why it waits, or ended early, in a sentence. Empty: nothing went wrong."""
    unread: Annotated[dict[AliasKind, str], eg({})]
    """The kinds whose list could not be read from ServiceTrade, each with the reason."""
    stale: Annotated[list[str], eg([])]
    """Why the suggestions may be out of date, in sentences. Empty: they are not."""
    clear: Annotated[int, eg(187)]
    """How many open records have one code that nothing speaks against."""
    doubtful: Annotated[int, eg(24)]
    """How many open records have codes that a person must look at."""
    nothing: Annotated[int, eg(9)]
    """How many open records resemble no code."""
    left: Annotated[int, eg(3)]
    """How many records a person has left without a code."""
    confirmed: Annotated[int, eg(0)]
    """How many confirmed codes are still to be set."""
    not_set: Annotated[int, eg(1)]
    """How many confirmed codes could not be set; their records are open again and tell why."""

    @classmethod
    def of_shown(cls, shown: ShownSearch) -> Self:
        search, tally = shown.search, shown.tally
        return cls(
            connection=shown.connection.slug,
            step=search.step if search else None,
            requested_by=search.requested_by if search else None,
            started_at=search.started_at if search else None,
            finished_at=search.finished_at if search else None,
            records=search.records if search else 0,
            trouble=search.trouble if search else "",
            unread=dict(search.unread) if search else {},
            stale=list(shown.stale),
            not_set=tally.troubled,
            **_counts(tally),
        )


def _counts(tally: SuggestionTally) -> dict[str, int]:
    grades = {grade.value: tally.of(grade) for grade in Grade}
    return grades | {state.value: tally.of(state) for state in (RecordState.LEFT, RecordState.CONFIRMED)}


class SuggestionOut(Output):
    """A code that the record may have, with what Spectrum's list tells of it now."""

    code: SpectrumCode
    name: Name
    """Its name in Spectrum when it was suggested."""
    score: Annotated[int, eg(96)]
    """How much speaks for it, from 0 to 100."""
    reasons: Annotated[list[str], eg(["same name", "same street"])]
    """Why it is suggested, in words, the strongest reason first."""
    clear: bool
    """Whether nothing speaks against it and no other candidate is near."""
    listed: bool
    """Whether the list still has it."""
    active: bool | None
    """Whether it is active in Spectrum. Null: nobody knows."""
    street: Street
    """Street in Spectrum. Empty: not known."""
    city: City
    """Town in Spectrum. Empty: not known."""
    state: State
    """State in Spectrum. Empty: not known."""
    postal_code: PostalCode
    """Postal code in Spectrum. Empty: not known."""
    phone: Phone
    """Phone in Spectrum. Empty: not known."""


class SuggestedRecordOut(Output):
    """A record of ServiceTrade without a code, and the codes that it may have."""

    kind: AliasKind
    servicetrade_id: MappedId
    name: MappedName
    street: Street
    """Street in ServiceTrade. Empty: not known."""
    city: City
    """Town in ServiceTrade. Empty: not known."""
    state: State
    """State in ServiceTrade. Empty: not known."""
    postal_code: PostalCode
    """Postal code in ServiceTrade. Empty: not known."""
    phone: Phone
    """Phone in ServiceTrade. Empty: not known."""
    decision: RecordState
    """Whether somebody has decided about it."""
    grade: Grade | None
    """What the comparison found. Null: it was not compared yet."""
    code: SpectrumCode | None
    """The code that is ticked, confirmed or set. Null: none."""
    place: Target | None
    """Where the confirmed code goes. Null: none is confirmed."""
    decided_by: By | None
    trouble: Annotated[str, eg("")]
    """Why its confirmed code was not set, in a sentence. Empty: nothing went wrong."""
    version: Version
    """Grows when what is shown here changes. Name it to confirm a code."""
    suggestions: list[SuggestionOut]
    """The best first, at most five."""

    @classmethod
    def of_shown(cls, shown: ShownRecord) -> Self:
        one, record = shown.record, shown.record.record
        places = {name: getattr(record, name) for name in ("street", "city", "state", "postal_code", "phone")}
        decided = one.state in (RecordState.CONFIRMED, RecordState.SET)
        return cls(
            kind=record.kind,
            servicetrade_id=record.id,
            name=record.name,
            **places,
            decision=one.state,
            grade=one.grade,
            code=one.code or None,
            place=Target(one.place.value) if decided else None,
            decided_by=one.decided_by or None,
            trouble=one.trouble,
            version=one.version,
            suggestions=_suggestions(shown),
        )


def _suggestions(shown: ShownRecord) -> list[SuggestionOut]:
    found = []
    for one in shown.record.suggestions:
        listed = shown.listed.get(one.code)
        places = {name: getattr(listed, name, "") for name in ("street", "city", "state", "postal_code", "phone")}
        active = listed.active if listed else None
        known = SuggestionOut.of(one, reasons=list(one.reasons), listed=listed is not None, active=active, **places)
        found.append(known)
    return found


class RecordIn(Input):
    """A record of ServiceTrade."""

    kind: AliasKind
    servicetrade_id: MappedIdIn


class ConfirmedIn(RecordIn):
    """A record and the code that a person confirms for it."""

    code: Annotated[Text, eg("HARVIEW")]
    """Its code in Spectrum: one of the suggestions, or another that is listed."""
    version: Annotated[int, Field(ge=0, le=2**62)] = Field(examples=[17])
    """The record's version as it was shown."""


class ConfirmIn(Input):
    """Up to 500 pairs, each for itself."""

    place: Annotated[Target, one_of(Target), eg("servicetrade")] = Target.SERVICETRADE
    """Where the codes go. Left out: into ServiceTrade."""
    pairs: Annotated[list[ConfirmedIn], Field(min_length=1, max_length=AT_ONCE)]
    """The records with their codes. Each record stands here once."""

    def chosen(self) -> list[Pair]:
        """Raises BadInput (ALIAS_INVALID) for a record that is named twice."""
        pairs = [Pair((one.kind, one.servicetrade_id.strip()), one.code.strip(), one.version) for one in self.pairs]
        _once([pair.key for pair in pairs], "/pairs")
        return pairs


class RecordsIn(Input):
    """Up to 500 records."""

    records: Annotated[list[RecordIn], Field(min_length=1, max_length=AT_ONCE)]
    """The records. Each stands here once."""

    def keys(self) -> list[tuple[AliasKind, str]]:
        """Raises BadInput (ALIAS_INVALID) for a record that is named twice."""
        keys = [(one.kind, one.servicetrade_id.strip()) for one in self.records]
        _once(keys, "/records")
        return keys


def _once(keys: Sequence[tuple[AliasKind, str]], pointer: str) -> None:
    twice = [place for place, key in enumerate(keys) if key in keys[:place]]
    if twice:
        errors = [FieldError(f"{pointer}/{place}", "this record stands before, too") for place in twice]
        problem, fix = "A record is named twice", "Name each record once."
        raise BadInput.of(problem, errors, code="ALIAS_INVALID", fix=fix)


class PairOut(Output):
    """What became of one pair."""

    kind: AliasKind
    servicetrade_id: MappedId
    code: SpectrumCode
    outcome: Outcome
    """Whether it is confirmed."""
    detail: Annotated[str, eg("")]
    """Why not, in a sentence. Empty: it is confirmed."""


class ConfirmedOut(Output):
    """What became of each pair, in the order of the request."""

    accepted: Annotated[int, eg(1)]
    """How many are confirmed by this request. A worker checks each once more, and then sets it."""
    pairs: list[PairOut]
    """Each pair with its outcome."""

    @classmethod
    def of_outcomes(cls, outcomes: Sequence[PairOutcome]) -> Self:
        pairs = [
            PairOut(
                kind=one.pair.key[0],
                servicetrade_id=one.pair.key[1],
                code=one.pair.code,
                outcome=one.outcome,
                detail=one.detail,
            )
            for one in outcomes
        ]
        return cls(accepted=sum(one.outcome is Outcome.ACCEPTED for one in outcomes), pairs=pairs)


class MovedOut(Output):
    """How many records were decided about."""

    records: Annotated[int, eg(1)]
    """How many of them this request has changed; the others had another state."""
