"""Addresses and phones in one spelling, and how two of them compare."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum, auto

from rapidfuzz import fuzz

from adapters.outbound.matching.spellings import DIRECTIONS
from adapters.outbound.matching.states import STATES
from adapters.outbound.matching.words import one_spelling, plain_words

_STREETS = {
    **dict.fromkeys(("st", "str", "street"), "street"),
    **dict.fromkeys(("ave", "av", "aven", "avenue"), "avenue"),
    **dict.fromkeys(("rd", "road"), "road"),
    **dict.fromkeys(("blvd", "boulevard", "boul"), "boulevard"),
    **dict.fromkeys(("dr", "drive", "drv"), "drive"),
    **dict.fromkeys(("ln", "lane"), "lane"),
    **dict.fromkeys(("ct", "court"), "court"),
    **dict.fromkeys(("pl", "place"), "place"),
    **dict.fromkeys(("pkwy", "parkway", "pky"), "parkway"),
    **dict.fromkeys(("hwy", "highway"), "highway"),
    **dict.fromkeys(("cir", "circle"), "circle"),
    **dict.fromkeys(("ter", "terr", "terrace"), "terrace"),
    **dict.fromkeys(("sq", "square"), "square"),
    **dict.fromkeys(("trl", "trail"), "trail"),
    **dict.fromkeys(("way", "wy"), "way"),
    **dict.fromkeys(("plz", "plaza"), "plaza"),
    **dict.fromkeys(("expy", "expressway"), "expressway"),
}
STREET_TYPES = frozenset(_STREETS) | frozenset(_STREETS.values())
"""Words that say what sort of street it is."""
_UNITS = frozenset(["ste", "suite", "unit", "apt", "fl", "floor", "rm", "room", "bldg", "building", "no", "number"])
_BOX = re.compile(r"\bp\.?\s*o\.?\s*box\s*#?\s*([0-9]+)", re.IGNORECASE)
_SIGN = re.compile(r"#\s*(?=\w)")
_EXTENSION = re.compile(r"(x|ext\.?|extension|#)\s*[0-9]+\s*$", re.IGNORECASE)
_DIGITS = 10
_ALIKE_STREET, _ALIKE_CITY = 84, 86


@dataclass(frozen=True, slots=True)
class Place:
    """An address. Empty where it does not say. `box` is the number of a PO box."""

    number: str = ""
    street: str = ""
    kind: str = ""
    direction: str = ""
    unit: str = ""
    box: str = ""
    city: str = ""
    state: str = ""
    zip: str = ""


class Street(Enum):
    SAME = auto()
    OTHER_UNIT = auto()
    OTHER_NUMBER = auto()
    OTHER = auto()
    UNKNOWN = auto()


class Town(Enum):
    SAME = auto()
    OTHER = auto()
    UNKNOWN = auto()


def place_of(street: str, city: str, state: str, postal_code: str) -> Place:
    """Read an address as people type it."""
    box = _BOX.search(street)
    rest = _BOX.sub(" ", street) if box else street
    words = plain_words(_SIGN.sub(" number ", rest))
    unit = ""
    for at, word in enumerate(words[:-1]):
        if at and word in _UNITS:
            unit, words = words[at + 1], words[:at] + words[at + 2 :]
            break
    number = words.pop(0).lstrip("0") if words and words[0][0].isdigit() and len(words) > 1 else ""
    kind = next((_STREETS[one] for one in reversed(words[1:]) if one in _STREETS), "")
    named = [one_spelling(one) for at, one in enumerate(words) if not (at and one in _STREETS)]
    direction = next((one for one in named if one in DIRECTIONS), "") if len(named) > 1 else ""
    return Place(
        number=number,
        street=" ".join(one for one in named if one != direction),
        kind=kind,
        direction=direction,
        unit=unit,
        box=box.group(1).lstrip("0") if box else "",
        city=" ".join(map(one_spelling, plain_words(city))),
        state=state_of(state),
        zip=_zip(postal_code),
    )


def state_of(text: str) -> str:
    """The two letters of a state, however it is written."""
    words = " ".join(plain_words(text))
    return STATES.get(words, words)


def phone_of(text: str) -> str:
    """The ten digits of a phone without an extension, '' if it has none or is only filled in."""
    digits = "".join(filter(str.isdigit, _EXTENSION.sub("", text)))
    digits = digits[1:] if len(digits) == _DIGITS + 1 and digits[0] == "1" else digits
    return digits if len(digits) == _DIGITS and len(set(digits)) > 1 else ""


def compare_streets(one: Place, other: Place) -> Street:
    """A PO box says nothing of a street."""
    if one.box and other.box:
        return Street.SAME if one.box == other.box else Street.OTHER
    if not (one.street and other.street):
        return Street.UNKNOWN
    alike = one.street == other.street or fuzz.ratio(one.street, other.street) >= _ALIKE_STREET
    alike = alike and _agree(one.kind, other.kind) and _agree(one.direction, other.direction)
    if any(ch.isdigit() for ch in one.street + other.street):  # 5th is not 6th
        alike = alike and one.street == other.street
    if not alike:
        return Street.OTHER
    if not (one.number and other.number):
        return Street.UNKNOWN
    if one.number != other.number:
        return Street.OTHER_NUMBER
    return Street.SAME if _agree(one.unit, other.unit) else Street.OTHER_UNIT


def compare_towns(one: Place, other: Place) -> Town:
    """The same postal code is the same town under any name."""
    if one.state and other.state and one.state != other.state:
        return Town.OTHER
    if one.zip and one.zip == other.zip:
        return Town.SAME
    if one.city and other.city:
        alike = one.city == other.city or fuzz.ratio(one.city, other.city) >= _ALIKE_CITY
        return Town.SAME if alike else Town.OTHER
    return Town.OTHER if one.zip and other.zip else Town.UNKNOWN


def _agree(one: str, other: str) -> bool:
    return not one or not other or one == other


def _zip(text: str) -> str:
    found = re.match(r"\s*([0-9]{4,5})", text)
    return found.group(1).zfill(5) if found else ""
