"""The inputs of the pages of suggestions: which records they show, and what was ticked, picked or left there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from core.model.mappings.alias import AliasKey, AliasKind, CodeSource
from core.model.mappings.suggested_record import Grade, Order, RecordState, SortKey, search_words
from core.services.mappings.suggestions.decide import AT_ONCE, Pair
from ports.storage.mappings.suggestions import RecordFilter

LEAVE = "-"
"""The choice "none of these"."""
_SHOWN, _PICK = "shown.", "pick."
_MOST_DIGITS, _DIGITS_OF_A_SCORE = 18, 3
LONGEST_SEARCH = 200
GROUPS: Mapping[str, RecordFilter] = {
    "clear": RecordFilter(grade=Grade.CLEAR),
    "doubtful": RecordFilter(grade=Grade.DOUBTFUL),
    "nothing": RecordFilter(grade=Grade.NOTHING),
    "not-set": RecordFilter(troubled=True),
    "waiting": RecordFilter(state=RecordState.CONFIRMED),
    "left": RecordFilter(state=RecordState.LEFT),
    "set": RecordFilter(state=RecordState.SET),
}


@dataclass(frozen=True, slots=True)
class Place:
    """A page of a group: `kind` and `search` narrow it down, `after` is the last record of the page before."""

    group: str
    kind: AliasKind | None = None
    after: SortKey | None = None
    search: str = ""
    order: Order = Order.NAME

    @property
    def words(self) -> tuple[str, ...]:
        return search_words(self.search)

    @property
    def wanted(self) -> RecordFilter:
        return replace(GROUPS[self.group], kind=self.kind, words=self.words)

    def query(self, **more: str) -> str:
        told = {
            "group": self.group,
            "kind": self.kind.value if self.kind else "",
            "search": self.search,
            "order": self.order.value if self.order is not Order.NAME else "",
            "after": after_text(self.after),
        }
        return urlencode({name: text for name, text in (told | more).items() if text})


def place_of(asked: Mapping[str, str]) -> Place:
    """The place in an address or a form; what is odd there counts as not said."""
    group = asked.get("group", "")
    kind = next((one for one in AliasKind if one.value == asked.get("kind")), None)
    search = asked.get("search", "").strip()[:LONGEST_SEARCH]
    order = Order.DOUBT if asked.get("order") == Order.DOUBT.value else Order.NAME
    group = group if group in GROUPS else "clear"
    return Place(group, kind, after_of(asked.get("after", "")), search if search.isprintable() else "", order)


def after_text(after: SortKey | None) -> str:
    return "" if after is None else f"{after[0]}.{after[1]}.{after[3]}.{after[2]}"


def after_of(text: str) -> SortKey | None:
    score, rank, record_id, name = (text.split(".", 3) + [""] * 3)[:4]
    numbers = all(one.isascii() and one.isdecimal() for one in (score, rank, record_id))
    good = numbers and len(score) <= _DIGITS_OF_A_SCORE and rank in ("0", "1", "2", "3") and name.isprintable()
    return (int(score), int(rank), name, record_id) if good else None


def number_in(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= _MOST_DIGITS else -1


def key_in(text: str) -> AliasKey | None:
    kind, _, record_id = text.partition(".")
    known = kind in set(AliasKind) and record_id.isascii() and record_id.isdecimal() and len(record_id) <= 16
    return (AliasKind(kind), record_id) if known else None


def pairs_in(form: Mapping[str, str]) -> list[Pair]:
    """Every record that the page showed, with the code that is ticked or picked, '' for none."""
    pairs = []
    for name, version in form.items():
        key = key_in(name.removeprefix(_SHOWN)) if name.startswith(_SHOWN) else None
        if key:
            code = form.get(f"{_PICK}{key[0].value}.{key[1]}", "").strip()
            pairs.append(Pair(key, code, number_in(version)))
    return pairs[:AT_ONCE]


def code_source_in(form: Mapping[str, str]) -> CodeSource:
    """Where the codes go: ServiceTrade unless the form says otherwise."""
    return CodeSource.ALIAS if form.get("place") == CodeSource.ALIAS.value else CodeSource.SERVICETRADE
