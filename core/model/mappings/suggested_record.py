"""A ServiceTrade record without a Spectrum code, with the codes that are suggested for it and what a person decided."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import TypeVar

from core.model.mappings.alias import AliasKey, AliasKind, CodeSource
from core.model.mappings.suggestion import RecordToMap, Suggestion
from core.model.shared.text import composed

W = TypeVar("W")


class RecordState(StrEnum):
    """How far the record is. Only a person moves it from `open` to `confirmed` or `left`."""

    OPEN = "open"
    """It has no code, and nobody has decided"""
    LEFT = "left"
    """A person decided that it gets no code from here"""
    CONFIRMED = "confirmed"
    """A person confirmed a code; a worker checks it once more and sets it"""
    SET = "set"
    """The confirmed code is set"""


class Grade(StrEnum):
    """What the comparison found."""

    CLEAR = "clear"
    """One code that nothing speaks against; it is ticked until somebody unticks it"""
    DOUBTFUL = "doubtful"
    """Codes that a person must look at"""
    NOTHING = "nothing"
    """No code that resembles it"""


RANKS: Mapping[AliasKind, int] = {kind: place for place, kind in enumerate(AliasKind)}
"""Customers come first: their codes help to find those of their sites."""


_SORTED_BY = 40
"""So many characters of a name decide its place, so that a place fits into an address."""
_LONGEST_SOUGHT, _MOST_WORDS = 1000, 8
SortKey = tuple[int, int, str, str]
"""The score of the best suggestion, the rank of the kind, the name without regard to upper and lower case, and the id.
In order of names, the score does not count."""


class Order(StrEnum):
    """How records are listed."""

    NAME = "name"
    """Customers first, then sites, contracts and items, each by name"""
    DOUBT = "doubt"
    """The lowest score first: what most needs a look"""


@dataclass(frozen=True, slots=True, kw_only=True)
class SuggestedRecord:
    """`round` is the search that saw it last, `matched` the one that compared it, 0 for none: then `grade` is None.
    `told`: whether its external id is known to be empty; if not, the record must be asked. `version` grows whenever
    what people see of it changes.

    `code` is the one that is ticked, picked or confirmed, '' for none; `decided_by` and `decided_at` tell
    who did so last, '' and None for nobody. `trouble` says why a confirmed code was not set, '' if nothing went wrong.
    """

    record: RecordToMap
    round: int = 1
    told: bool = True
    matched: int = 0
    version: int = 0
    state: RecordState = RecordState.OPEN
    grade: Grade | None = None
    suggestions: tuple[Suggestion, ...] = ()
    code: str = ""
    place: CodeSource = CodeSource.SERVICETRADE
    decided_by: str = ""
    decided_at: datetime | None = None
    trouble: str = ""

    @property
    def key(self) -> AliasKey:
        return self.record.key

    @property
    def sort_key(self) -> SortKey:
        """Its place in every list."""
        name = composed(self.record.name).casefold()[:_SORTED_BY]
        return self.score, RANKS[self.record.kind], name, self.record.id

    @property
    def score(self) -> int:
        """That of the best suggestion, from 0 to 100; 0 if there is none."""
        return self.suggestions[0].score if self.suggestions else 0

    @property
    def sought(self) -> str:
        """What a search looks into, without regard to upper and lower case: the record as ServiceTrade has it, and the
        suggested codes with their names."""
        one = self.record
        ours = (one.id, one.name, one.street, one.city, one.own_code, one.number, self.code)
        theirs = (text for other in self.suggestions for text in (other.code, other.name))
        return composed(" ".join(text for text in (*ours, *theirs) if text)).casefold()[:_LONGEST_SOUGHT]

    @property
    def best(self) -> Suggestion | None:
        return self.suggestions[0] if self.suggestions else None

    @property
    def confirmed_name(self) -> str:
        """The name that the chosen code had when it was suggested, '' if it was not among the suggestions."""
        return next((one.name for one in self.suggestions if one.code == self.code), "")


def search_words(text: str) -> tuple[str, ...]:
    """The words of a search as they stand in `SuggestedRecord.sought`, each of which has to be there."""
    return tuple(composed(text).casefold().split())[:_MOST_WORDS] if text.isprintable() else ()


def grade_of(suggestions: Sequence[Suggestion]) -> Grade:
    if not suggestions:
        return Grade.NOTHING
    return Grade.CLEAR if suggestions[0].clear else Grade.DOUBTFUL


class SearchStep(StrEnum):
    """The next step of a search. Each may be repeated after a crash."""

    READ = "read"
    """Read ServiceTrade's lists"""
    ASK = "ask"
    """Ask ServiceTrade for each record of which the list did not tell the external id"""
    MATCH = "match"
    """Compare the records without a code with the listed codes"""
    DONE = "done"
    """It has ended; confirmed codes may still be on their way"""


@dataclass(frozen=True, slots=True, kw_only=True)
class SuggestionSearch:
    """The search of a connection; a new one takes the place of the last. `round` counts them, `version` the changes.

    `company_code` and `external_system` are those of the connection when it began: codes of another company are not
    confirmed. `kinds` are those whose list was read in this search, `unread` tells why those of others could not be.
    `failures` are failed tries in a row, `trouble` says why the last one failed.
    """

    connection_id: str
    company_code: str
    external_system: str
    requested_by: str
    started_at: datetime
    step: SearchStep = SearchStep.READ
    round: int = 1
    version: int = 0
    kinds: tuple[AliasKind, ...] = ()
    unread: Mapping[AliasKind, str] = field(default_factory=dict)
    records: int = 0
    failures: int = 0
    trouble: str = ""
    finished_at: datetime | None = None

    @property
    def running(self) -> bool:
        return self.step is not SearchStep.DONE


@dataclass(frozen=True, slots=True, kw_only=True)
class SuggestionTally:
    """How many records are in each state, and of the open ones in each grade (None: not compared yet). `ticked` counts
    the open ones with a code, `troubled` those whose confirmed code was not set."""

    states: Mapping[tuple[AliasKind, RecordState], int] = field(default_factory=dict)
    grades: Mapping[tuple[AliasKind, Grade | None], int] = field(default_factory=dict)
    ticked: Mapping[tuple[AliasKind, Grade | None], int] = field(default_factory=dict)
    troubled: int = 0
    unasked: int = 0
    uncompared: int = 0

    def of(self, what: RecordState | Grade, kind: AliasKind | None = None) -> int:
        if isinstance(what, Grade):
            return _counted(self.grades, what, kind)
        return _counted(self.states, what, kind)

    def ticks(self, grade: Grade, kind: AliasKind | None = None) -> int:
        return _counted(self.ticked, grade, kind)


def _counted(counts: Mapping[tuple[AliasKind, W], int], which: W, kind: AliasKind | None) -> int:
    """Of a kind, or of all if that is None."""
    return sum(count for (of, counted), count in counts.items() if counted == which and kind in (None, of))
