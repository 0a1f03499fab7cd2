"""Makes the labelled sets and counts how many of the ticked suggestions are right."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from core.model.mappings.alias import AliasKey, AliasKind
from core.model.mappings.suggestion import Suggestion
from ports.code_matcher import CodeMatcher
from tests.labelled import customers, held_out, held_out_last, held_out_later, items, sites, vocabulary
from tests.labelled.customers import Rule
from tests.labelled.maker import LabelledSet, Maker, Vocabulary

MEASURED_SEED, HELD_OUT_SEED = 20_261_130, 7_041_776
TIMES, NOISE = 10, 400
"""How often each rule is used, and how many codes of each kind nobody needs."""


@dataclass(slots=True)
class Count:
    """`shown`: the right code is among the candidates."""

    records: int = 0
    answerable: int = 0
    ticked: int = 0
    right: int = 0
    shown: int = 0

    @property
    def precision(self) -> float:
        return self.right / self.ticked if self.ticked else 1.0

    @property
    def recall(self) -> float:
        return self.right / self.answerable if self.answerable else 1.0


def measured_set(seed: int = MEASURED_SEED) -> LabelledSet:
    return _make(seed, vocabulary.MEASURED, (*customers.RULES, *sites.RULES, *items.RULES))


def held_out_set(seed: int = HELD_OUT_SEED) -> LabelledSet:
    """Made by other rules of other words: nothing was fitted to it."""
    return _make(seed, vocabulary.HELD_OUT, (*held_out.RULES, *held_out_later.RULES, *held_out_last.RULES))


def _make(seed: int, words: Vocabulary, rules: Sequence[Rule]) -> LabelledSet:
    maker = Maker(seed, words)
    for rule in rules:
        maker.rule = rule.__name__.replace("_", " ")
        for _ in range(TIMES):
            rule(maker)
    for _ in range(NOISE):
        firm = maker.firm()
        customer = maker.customer(firm.name, firm.address, firm.phone)
        maker.listed(AliasKind.SITE, firm.name, firm.address, customer_code=customer)
        maker.listed(AliasKind.ITEM, items.thing(maker))
    maker.random.shuffle(maker.made.records)
    maker.random.shuffle(maker.made.codes)
    return maker.made


def suggested(matcher: CodeMatcher, labelled: LabelledSet) -> Mapping[AliasKey, Sequence[Suggestion]]:
    return matcher.suggest(labelled.records, labelled.codes, labelled.known_codes)


def counted(labelled: LabelledSet, found: Mapping[AliasKey, Sequence[Suggestion]]) -> Mapping[str, Count]:
    """By rule, by kind, and `all`."""
    counts: dict[str, Count] = defaultdict(Count)
    for key, answer in labelled.answers.items():
        suggestions = found.get(key, ())
        ticked = next((one.code for one in suggestions if one.clear), None)
        for name in ("all", key[0].value, labelled.rules[key]):
            count = counts[name]
            count.records += 1
            count.answerable += answer is not None
            count.ticked += ticked is not None
            count.right += ticked is not None and ticked == answer
            count.shown += answer is not None and answer in {one.code for one in suggestions}
    return counts


def wrong(labelled: LabelledSet, found: Mapping[AliasKey, Sequence[Suggestion]]) -> Collection[str]:
    """What was ticked wrongly, in words."""
    names = {record.key: record.name for record in labelled.records}
    return [
        f"{labelled.rules[key]}: {names[key]!r} is {labelled.answers[key]}, not {one.code} ({one.name}): {one.reasons}"
        for key, suggestions in found.items()
        for one in suggestions
        if one.clear and one.code != labelled.answers[key]
    ]
