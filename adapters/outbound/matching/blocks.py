"""Finds the few codes that a record may mean, by keys that both have, instead of comparing it with all."""

from __future__ import annotations

from array import array
from collections.abc import Collection, Iterator, Sequence
from math import log

from adapters.outbound.matching.features import Features
from adapters.outbound.matching.items import ItemFeatures
from adapters.outbound.matching.words import skeleton

_MOST_OF_A_KEY = 400
"""What more codes have than this tells little: a word such as `school`. Such words count together with others."""
_LONG_WORD = 5
_WEIGHTS = {"e": 6, "p": 3, "a": 3, "b": 3, "k": 0.5, "c": 0.5}
"""What a key of each sort counts: a code, a phone, an address more than a word."""


class Blocks:
    """Places of codes by key. Only keys that a record has are kept, so the memory is bounded by the records."""

    def __init__(self, wanted: Collection[str]) -> None:
        self._places: dict[str, array[int]] = {key: array("I") for key in wanted}
        self._count = 0

    def add(self, keys: Collection[str]) -> bool:
        """Add the next code; False if no record has any of its keys."""
        place, self._count = self._count, self._count + 1
        known = False
        for key in keys:
            places = self._places.get(key)
            if places is not None:
                known = True
                if len(places) <= _MOST_OF_A_KEY:
                    places.append(place)
        return known

    def near(self, keys: Collection[str], most: int) -> Sequence[int]:
        """The places of the codes with the most and the rarest of these keys, best first."""
        weights: dict[int, float] = {}
        for key in keys:
            places = self._places[key]
            if len(places) > _MOST_OF_A_KEY:
                continue
            weight = _WEIGHTS.get(key[0], 1) * log(2 + self._count / (1 + len(places)))
            for place in places:
                weights[place] = weights.get(place, 0) + weight
        return sorted(weights, key=lambda place: (-weights[place], place))[:most]


def party_keys(features: Sequence[Features], owners: Collection[str], code: str) -> frozenset[str]:
    """Keys of a company, location or contract: of its names with and without its customer's words."""
    return frozenset(key for one in features for key in _party_keys(one)) | {
        *(f"c:{owner}" for owner in owners),
        *([f"e:{code}"] if code else []),
    }


def _party_keys(one: Features) -> Iterator[str]:
    words, place = one.name.words, one.place
    yield from _word_keys(words, one.name.marks)
    if one.name.joined:
        yield f"j:{one.name.joined[:8]}"
    if place.number and place.street:
        yield f"a:{place.number}|{place.street[:5]}"
    if place.box:
        yield f"b:{place.box}|{place.zip}"
    town = place.zip or place.city
    if town:
        yield from (f"z:{town}|{word}" for word in words)
        yield from (f"z:{place.city}|{word}" for word in words if place.city)
        if place.number:
            yield f"z:{town}|{place.number}"
    if one.phone:
        yield f"p:{one.phone}"


def item_keys(one: ItemFeatures) -> frozenset[str]:
    found = {*_word_keys(one.name.words, one.name.marks), f"j:{one.name.joined[:8]}"}
    return frozenset(found | {f"e:{one.code}"} if one.code else found)


def _word_keys(words: Sequence[str], marks: Collection[str]) -> Iterator[str]:
    for at, word in enumerate(words):
        yield f"w:{word}"
        if len(word) >= _LONG_WORD:
            yield f"k:{skeleton(word)}"
        yield from (f"m:{word}|{mark}" for mark in marks)
        yield from (f"d:{min(word, other)}|{max(word, other)}" for other in words[at + 1 :])
