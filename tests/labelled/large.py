"""Many made-up customers for figures of speed and memory, and companies that are some of them."""

from __future__ import annotations

from itertools import product

from tests.labelled.maker import LabelledSet, Maker, Vocabulary
from tests.labelled.vocabulary import HELD_OUT, MEASURED

_ENDS = ("", "ton", "ville", "by", "ham")


def large_set(customers: int, companies: int) -> LabelledSet:
    """Every company is one of the customers, with a legal form."""
    words = Vocabulary(
        proper=tuple(name + end for name, end in product(MEASURED.proper + HELD_OUT.proper, _ENDS)),
        more=MEASURED.more + HELD_OUT.more,
        trades=MEASURED.trades + HELD_OUT.trades,
        legal=MEASURED.legal,
        towns=MEASURED.towns + HELD_OUT.towns,
        streets=MEASURED.streets + HELD_OUT.streets,
        street_types=MEASURED.street_types,
    )
    maker = Maker(1, words)
    maker.rule = "one of many"
    for number in range(customers):
        firm = maker.firm()
        code = maker.customer(firm.name, firm.address, firm.phone)
        if number % (customers // companies) == 0:
            maker.company(f"{firm.name}, {firm.legal}", firm.address, firm.phone, code)
    return maker.made
