"""Judges an inventory item for a library item: its code, and its description with all sizes."""

from __future__ import annotations

import re
from dataclasses import dataclass

from adapters.outbound.matching.features import bare_code
from adapters.outbound.matching.judged import Judged
from adapters.outbound.matching.names import Compared, Likeness, Name, compare_names
from adapters.outbound.matching.spellings import FILLERS
from adapters.outbound.matching.words import one_spelling
from core.model.mappings.listed_code import ListedCode
from core.model.mappings.suggestion import RecordToMap

_TOKEN = re.compile(r"[0-9]+(?:[./][0-9]+)*|[a-z]+")
_UNITS = {
    **dict.fromkeys(("in", "inch", "inches", "ins"), "in"),
    **dict.fromkeys(("ft", "foot", "feet"), "ft"),
    **dict.fromkeys(("v", "volt", "volts", "vac", "vdc"), "v"),
    **dict.fromkeys(("a", "amp", "amps"), "amp"),
    **dict.fromkeys(("gal", "gallon", "gallons"), "gal"),
    **dict.fromkeys(("lb", "lbs", "pound", "pounds"), "lb"),
    **dict.fromkeys(("deg", "degree", "degrees"), "deg"),
    **dict.fromkeys(("w", "with"), ""),
    **dict.fromkeys(("x", "ea", "each", "type", "size", "assy", "assembly"), ""),
    **dict.fromkeys(("k", "h", "watt", "watts"), ""),
}
_CODE, _SHORT_CODE, _SIZES, _OTHER_SIZE, _ONE_SIZE = 50, 30, 16, 40, 8
_SHORTEST_CODE, _WHOLE, _SPECTRUM_HOLDS, _MOST_READ = 4, 2, 35, 160
_UNIT_WORDS = frozenset(filter(None, _UNITS.values()))


@dataclass(frozen=True, slots=True)
class ItemFeatures:
    name: Name
    code: str


def item_features(description: str, code: str) -> ItemFeatures:
    text = description[:_MOST_READ].lower().replace('"', " in ").replace("\u2033", " in ").replace("'", " ft ")
    text = re.sub(r"([0-9])\s*-\s*([0-9]+/)", r"\1 \2", text)
    words, marks = [], set()
    for found in _TOKEN.findall(text):
        if found[0].isdigit():
            marks.add(found.lstrip("0") or "0")
        elif (word := _UNITS.get(found, found)) and word not in _UNIT_WORDS and word not in FILLERS:
            words.append(one_spelling(word))
    long = len(description.strip()) >= _SPECTRUM_HOLDS - 2
    return ItemFeatures(Name(tuple(words), frozenset(marks), "".join(words), long), bare_code(code))


def judge_item(record: RecordToMap, ours: ItemFeatures, code: ListedCode, theirs: ItemFeatures) -> Judged:
    judged = Judged()
    names = compare_names(ours.name, theirs.name)
    judged.name(names, "description")
    same_code = bool(ours.code) and ours.code == theirs.code
    if same_code:
        judged.speaks_for(_CODE if len(ours.code) >= _SHORTEST_CODE else _SHORT_CODE, "same code")
    if ours.name.marks and ours.name.marks == theirs.name.marks and names.likeness:
        judged.speaks_for(_SIZES, "same sizes and numbers")
    if names.other_marks:
        judged.speaks_against(_OTHER_SIZE, "another size or number in the description")
    elif names.fewer_marks and not same_code:
        judged.speaks_against(_ONE_SIZE, "only one description has a size or number")
    judged.activity(record, code)
    judged.enough = _enough(ours, theirs, names, same_code=same_code)
    return judged


def _enough(ours: ItemFeatures, theirs: ItemFeatures, names: Compared, *, same_code: bool) -> bool:
    if same_code:
        bare = not theirs.name.words and len(ours.code) >= _SHORTEST_CODE
        return bare or names.shared >= _WHOLE or names.likeness >= Likeness.PART
    whole = len(theirs.name.words) + len(theirs.name.marks) > _WHOLE
    return whole and names.likeness >= Likeness.ALIKE
