"""Judges a contract of Spectrum for a contract of ServiceTrade: number, name, customer and sites."""

from __future__ import annotations

from adapters.outbound.matching.features import Features
from adapters.outbound.matching.judged import Judged
from adapters.outbound.matching.names import Compared, Likeness
from core.model.mappings.listed_code import ListedCode
from core.model.mappings.suggestion import RecordToMap

_NUMBER, _OWNER, _SITE = 50, 22, 20
_NOT_OURS, _OTHER_SITE = 40, 20
_SHORTEST_NUMBER = 3


def judge_contract(
    record: RecordToMap,
    ours: Features,
    code: ListedCode,
    theirs: Features,
    names: Compared,
    owners: frozenset[str],
    sites: frozenset[str],
) -> Judged:
    """`owners` are the Spectrum customers of the contract's company, `sites` the codes of all its locations; each is
    empty where it is not known."""
    judged = Judged()
    judged.name(names)
    number = bool(ours.code) and ours.code == theirs.code
    if number:
        judged.speaks_for(_NUMBER, "same number")
    else:
        judged.marks(names)  # such as another year
    owner = code.customer_code.upper() in owners if code.customer_code and owners else None
    if owner:
        judged.speaks_for(_OWNER, f"a contract of customer {code.customer_code}, as its company is")
    elif owner is False:
        judged.speaks_against(_NOT_OURS, f"a contract of another customer, {code.customer_code}")
    if code.site_code and code.site_code.upper() in sites:
        judged.speaks_for(_SITE, f"for the same site, {code.site_code}")
    elif code.site_code and sites:
        judged.speaks_against(_OTHER_SITE, f"for another site, {code.site_code}")
    judged.activity(record, code)
    if number and len(ours.code) >= _SHORTEST_NUMBER:
        judged.enough = bool(owner) or names.likeness >= Likeness.PART
    else:
        judged.enough = bool(owner) and names.likeness >= Likeness.ALIKE
    return judged
