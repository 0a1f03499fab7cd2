"""Rules for library items and Spectrum's inventory."""

from __future__ import annotations

from core.model.mappings.alias import AliasKind
from tests.labelled.customers import Rule, shorter
from tests.labelled.maker import Maker

_ITEM = AliasKind.ITEM
_THINGS = (
    "Check Valve",
    "Gate Valve",
    "Ball Valve",
    "Pressure Gauge",
    "Sprinkler Head",
    "Flow Switch",
    "Smoke Detector",
    "Horn Strobe",
    "Copper Tube",
    "Rigid Coupling",
    "Reducing Tee",
    "Fan Motor",
    "Air Filter",
)
_MAKERS = ("Corin", "Halde", "Norby", "Tress", "Umbra", "Velmo", "Wexel", "Arden", "Brist", "Caldo")
SHORT = {
    "Valve": "VLV",
    "Pressure": "PRESS",
    "Sprinkler": "SPKLR",
    "Head": "HD",
    "Detector": "DET",
    "Motor": "MTR",
    "Filter": "FLTR",
    "Coupling": "CPLG",
    "Switch": "SW",
}


def thing(m: Maker) -> str:
    """A description that hardly any other one shares: a thing of a maker and series."""
    series = f"{m.random.choice('BDFGKLPRT')}{m.random.randint(10, 999)}"
    return f"{m.random.choice(_THINGS)} {m.random.choice(_MAKERS)} {series}"


def _size(m: Maker) -> str:
    return m.random.choice(("1/2", "3/4", "1", "1-1/4", "2", "2-1/2", "3", "4", "6", "8"))


def code_with_other_punctuation(m: Maker) -> None:
    name = f"{thing(m)} {_size(m)} in"
    own = f"{name[:2].upper()}-{m.random.randint(1000, 9999)}.{m.random.randint(1, 9)}"
    code = m.listed(_ITEM, shorter(name, SHORT), code=own.replace("-", "").replace(".", ""))
    m.record(_ITEM, name, code, own_code=own)


def description_in_short_words(m: Maker) -> None:
    name = f"{thing(m)} {_size(m)} in"
    m.record(_ITEM, name, m.listed(_ITEM, shorter(name, SHORT)))


def description_in_other_order_and_units(m: Maker) -> None:
    size = _size(m)
    words = thing(m).split()
    code = m.listed(_ITEM, f"{' '.join(reversed(words))} {size} INCH")
    m.record(_ITEM, f'{size}" {" ".join(words)}', code)


def description_cut_off(m: Maker) -> None:
    name = f"{_size(m)} in {thing(m)} with integral supervisory tamper switch"
    m.record(_ITEM, name, m.listed(_ITEM, name))


def all_sizes_of_a_thing(m: Maker) -> None:
    name = thing(m)
    for size in ("2", "3", "4", "6"):
        code = m.listed(_ITEM, f"{shorter(name, SHORT)} {size}IN")
        m.record(_ITEM, f'{name} {size}"', code)


def code_alone_as_learned(m: Maker) -> None:
    own = f"{m.random.choice(_MAKERS)[:3].upper()}-{m.random.randint(10000, 99999)}"
    m.record(_ITEM, thing(m), m.listed(_ITEM, "", code=own), own_code=own)


def no_answer_another_size(m: Maker) -> None:
    name = thing(m)
    m.listed(_ITEM, f"{name} 4 in")
    m.record(_ITEM, f"{name} 6 in", None)


def no_answer_another_voltage(m: Maker) -> None:
    name = thing(m)
    m.listed(_ITEM, f"{name} 120V")
    m.record(_ITEM, f"{name} 24V", None)


def no_answer_same_short_code_for_another_thing(m: Maker) -> None:
    own = str(m.random.randint(100, 999))
    m.listed(_ITEM, "Hydraulic Oil Drum", code=own)
    m.record(_ITEM, thing(m), None, own_code=own)


def no_answer_alike_thing(m: Maker) -> None:
    name = thing(m)
    first, _, rest = name.partition(" ")
    m.listed(_ITEM, f"{rest} repair kit")
    m.record(_ITEM, f"{first} {rest} cover", None)


RULES: tuple[Rule, ...] = (
    code_with_other_punctuation,
    description_in_short_words,
    description_in_other_order_and_units,
    description_cut_off,
    all_sizes_of_a_thing,
    code_alone_as_learned,
    no_answer_another_size,
    no_answer_another_voltage,
    no_answer_same_short_code_for_another_thing,
    no_answer_alike_thing,
)
