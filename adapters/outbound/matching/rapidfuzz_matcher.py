"""Suggests codes for records: few candidates by common keys, each judged by all that is known, RapidFuzz for spelling.

What makes a candidate `clear` is a rule and no sum of points: see docs/decisions/0078-suggested-codes.md. The
thresholds are measured on pairs with a known answer (tests/labelled).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from adapters.outbound.matching.blocks import Blocks, item_keys, party_keys
from adapters.outbound.matching.contracts import judge_contract
from adapters.outbound.matching.features import Features, bare_code, of_code, of_record
from adapters.outbound.matching.items import ItemFeatures, item_features, judge_item
from adapters.outbound.matching.judged import Judged
from adapters.outbound.matching.known import Known
from adapters.outbound.matching.parties import Around, best_name, judge_party
from adapters.outbound.matching.places import Place, Street, Town, compare_streets, compare_towns, place_of
from core.model.mappings.alias import AliasKey, AliasKind
from core.model.mappings.listed_code import ListedCode
from core.model.mappings.suggestion import KnownCodes, RecordToMap, Suggestion
from ports.code_matcher import CodeMatcher

_MOST_JUDGED = 30
_LEAST, _MARGIN = 25, 9
"""Points that a candidate must have to be shown, and that the best must have more than the next to be clear."""


@dataclass(frozen=True, slots=True)
class _Pair:
    """With and without the words of the customer's name; both are the same where it has none."""

    whole: Features
    short: Features


@dataclass(frozen=True, slots=True)
class _Candidate:
    code: ListedCode
    judged: Judged


class RapidFuzzMatcher(CodeMatcher):
    def suggest(
        self, records: Sequence[RecordToMap], codes: Sequence[ListedCode], known: KnownCodes, *, most: int = 5
    ) -> Mapping[AliasKey, Sequence[Suggestion]]:
        around = Known(records, codes, known)
        found: dict[AliasKey, list[_Candidate]] = {}
        for kind in AliasKind:
            of_kind = [record for record in records if record.kind is kind]
            listed = [code for code in codes if code.kind is kind] if of_kind else []
            find = _items if kind is AliasKind.ITEM else _parties
            for record, candidates in find(of_kind, listed, around):
                shown = [one for one in candidates if one.judged.score >= _LEAST]
                shown.sort(key=lambda one: (-one.judged.points, one.code.active is False, one.code.code))
                found[record.key] = shown
        clear = _clear(records, found, around)
        return {
            key: [
                Suggestion(
                    code=one.code.code,
                    name=one.code.name,
                    score=one.judged.score,
                    reasons=_reasons(one, around, known, key),
                    clear=not place and key in clear,
                )
                for place, one in enumerate(candidates[:most])
            ]
            for key, candidates in found.items()
        }


def _reasons(one: _Candidate, around: Known, known: KnownCodes, key: AliasKey) -> tuple[str, ...]:
    accepted = known.accepted.get((key[0], one.code.code), 0)
    told = (f"accepted by Spectrum {accepted} times" if accepted > 1 else "accepted by Spectrum once",)
    return (*one.judged.reasons, *(told if accepted else ()))


def _parties(
    records: Sequence[RecordToMap], codes: Sequence[ListedCode], around: Known
) -> Iterator[tuple[RecordToMap, list[_Candidate]]]:
    ours = [_pair(record, of_record, around.words_of_company(record)) for record in records]
    keys = [
        party_keys(
            (pair.whole, pair.short),
            around.owners(record.customer_id) if record.kind is not AliasKind.CUSTOMER else (),
            pair.whole.code,
        )
        for record, pair in zip(records, ours, strict=True)
    ]
    blocks = Blocks({key for each in keys for key in each})
    theirs: list[_Pair | None] = []
    for code in codes:
        pair = _pair(code, of_code, around.words_of_customer(code))
        owner = [code.customer_code.upper()] if code.customer_code else []
        theirs.append(pair if blocks.add(party_keys((pair.whole, pair.short), owner, bare_code(code.code))) else None)
    for record, own, each in zip(records, ours, keys, strict=True):
        candidates = []
        for place in blocks.near(each, _MOST_JUDGED):
            if there := theirs[place]:
                candidates.append(_Candidate(codes[place], _judge(record, own, codes[place], there, around)))
        yield record, candidates


def _pair(one: object, read: Callable[..., Features], customer_words: frozenset[str]) -> _Pair:
    whole = read(one)
    short = read(one, customer_words) if customer_words else whole
    return _Pair(whole, whole if short == whole else short)


def _judge(record: RecordToMap, own: _Pair, code: ListedCode, there: _Pair, around: Known) -> Judged:
    names = best_name(own.whole, own.short, there.whole, there.short)
    owners = around.owners(record.customer_id)
    if record.kind is AliasKind.CONTRACT:
        sites = around.sites(record.location_ids)
        return judge_contract(record, own.whole, code, there.whole, names, owners, sites)
    shared = (record.kind, there.whole.phone) in around.shared_phones
    return judge_party(record, own.whole, code, there.whole, names, Around(owners, shared))


def _items(
    records: Sequence[RecordToMap], codes: Sequence[ListedCode], around: Known
) -> Iterator[tuple[RecordToMap, list[_Candidate]]]:
    ours = [item_features(record.name, record.own_code) for record in records]
    keys = [item_keys(one) for one in ours]
    blocks = Blocks({key for each in keys for key in each})
    theirs: list[ItemFeatures | None] = []
    for code in codes:
        features = item_features(code.name, code.code)
        theirs.append(features if blocks.add(item_keys(features)) else None)
    for record, own, each in zip(records, ours, keys, strict=True):
        judged = [
            _Candidate(codes[place], judge_item(record, own, codes[place], there))
            for place in blocks.near(each, _MOST_JUDGED)
            if (there := theirs[place])
        ]
        yield record, judged


def _clear(
    records: Sequence[RecordToMap], found: Mapping[AliasKey, Sequence[_Candidate]], around: Known
) -> Collection[AliasKey]:
    """The records whose first candidate is clear: nothing speaks against it, no other is near, and no other record may
    be meant by it. Companies may share a customer and library items an item; the others have codes of their own, unless
    two locations are at one address."""
    clear: dict[AliasKey, _Candidate] = {}
    wanting: dict[tuple[AliasKind, str], list[RecordToMap]] = defaultdict(list)
    for record in records:
        candidates = found[record.key]
        if not candidates:
            continue
        first = candidates[0]
        wanting[record.kind, first.code.code].append(record)
        near = len(candidates) > 1 and first.judged.points - candidates[1].judged.points < _MARGIN
        taken = record.kind in _OF_ONE and around.taken(record, first.code)
        if first.judged.clear and not near and not taken:
            clear[record.key] = first
    rivals = {want: _Rivals(asking, found) for want, asking in wanting.items() if want[0] in _OF_ONE}
    return {
        key
        for key, one in clear.items()
        if key[0] not in _OF_ONE or rivals[key[0], one.code.code].are_behind(key, one.judged.points)
    }


_OF_ONE = frozenset({AliasKind.SITE, AliasKind.CONTRACT})


class _Rivals:
    """The records that want one code, by their address: thousands may have the same one."""

    def __init__(self, records: Sequence[RecordToMap], found: Mapping[AliasKey, Sequence[_Candidate]]) -> None:
        self._places = {one.key: _place(one) for one in records}
        points: dict[Place, list[int]] = defaultdict(list)
        for key, place in self._places.items():
            points[place].append(found[key][0].judged.points)
        self._best = {place: sorted(each, reverse=True)[:2] for place, each in points.items()}
        self._order = sorted(self._best, key=lambda place: -self._best[place][0])

    def are_behind(self, key: AliasKey, points: int) -> bool:
        """Whether no other record may be meant by the code of this one."""
        own = self._places[key]
        for place in self._order:
            best = self._best[place]
            if points - best[0] >= 2 * _MARGIN:
                return True
            others = best[1:] if place == own and best[0] == points else best
            near = bool(others) and points - others[0] < 2 * _MARGIN
            if near and not (key[0] is AliasKind.SITE and _same_address(own, place)):
                return False
        return True


def _place(record: RecordToMap) -> Place:
    return place_of(record.street, record.city, record.state, record.postal_code)


def _same_address(one: Place, other: Place) -> bool:
    return compare_streets(one, other) is Street.SAME and compare_towns(one, other) is Town.SAME
