"""Which codes are suggested for records, why, and which are ticked by default: cases, and figures on labelled sets."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from time import process_time

import pytest

from adapters.outbound.matching import parties
from adapters.outbound.matching.places import Street, Town
from adapters.outbound.matching.rapidfuzz_matcher import RapidFuzzMatcher
from core.model.mappings.alias import AliasKind
from core.model.mappings.listed_code import ListedCode
from core.model.mappings.suggestion import KnownCodes, RecordToMap, Suggestion
from tests.labelled.maker import LabelledSet
from tests.labelled.measure import counted, held_out_set, measured_set, suggested, wrong

CUSTOMER, SITE, CONTRACT, ITEM = AliasKind.CUSTOMER, AliasKind.SITE, AliasKind.CONTRACT, AliasKind.ITEM
HARBOR = RecordToMap(
    kind=CUSTOMER,
    id="1",
    name="Harborview Foods, Inc.",
    street="4100 Foundry Road",
    city="Raleigh",
    state="NC",
    postal_code="27610-1234",
    phone="(919) 555-0100 ext. 12",
)
HARVIEW = ListedCode(
    kind=CUSTOMER,
    code="HARVIEW",
    name="HARBORVIEW FOODS",
    street="4100 FOUNDRY RD",
    city="RALEIGH",
    state="NC",
    postal_code="27610",
    phone="9195550100",
)
PLANT = replace(HARBOR, kind=SITE, id="3", name="Harborview Foods - Plant 2", customer_id="1", phone="")
HV0002 = replace(HARVIEW, kind=SITE, code="HV0002", name="PLANT 2", customer_code="HARVIEW", phone="")
KNOWN = KnownCodes({(CUSTOMER, "1"): "HARVIEW"})
VALVE = RecordToMap(kind=ITEM, id="9", name='Check Valve, Grooved 4"', own_code="CV-4G")


def suggest(record: RecordToMap, *codes: ListedCode, known: KnownCodes = KNOWN) -> Sequence[Suggestion]:
    return RapidFuzzMatcher().suggest([record], codes, known)[record.key]


def ticked(record: RecordToMap, *codes: ListedCode, known: KnownCodes = KNOWN) -> str | None:
    return next((one.code for one in suggest(record, *codes, known=known) if one.clear), None)


@pytest.mark.parametrize("make", [measured_set, held_out_set])
def test_of_what_is_ticked_99_of_100_are_right_and_4_of_5_answers_are_ticked(make: Callable[[], LabelledSet]) -> None:
    labelled = make()
    found = suggested(RapidFuzzMatcher(), labelled)
    counts = counted(labelled, found)
    every = counts["all"]
    assert every.answerable >= 300
    assert every.records - every.answerable >= 150, "records without an answer"
    assert every.precision >= 0.99, wrong(labelled, found)
    assert every.recall >= 0.8
    assert every.shown >= 0.99 * every.answerable, "nearly every answer is among the candidates"
    for kind in AliasKind:
        assert counts[kind.value].precision >= 0.99, kind
        assert counts[kind.value].recall >= 0.8, kind


def test_the_figures_need_addresses(monkeypatch: pytest.MonkeyPatch) -> None:
    """The set tells a matcher that does not look at addresses from one that does."""
    monkeypatch.setattr(parties, "compare_streets", lambda one, other: Street.UNKNOWN)
    monkeypatch.setattr(parties, "compare_towns", lambda one, other: Town.SAME)
    labelled = measured_set()
    assert counted(labelled, suggested(RapidFuzzMatcher(), labelled))["all"].precision < 0.99


def test_the_sets_are_the_same_each_time_and_others_with_another_seed() -> None:
    assert measured_set() == measured_set()
    assert measured_set(1).records != measured_set(2).records


def test_the_reasons_are_words_and_the_strongest_is_first() -> None:
    [one] = suggest(HARBOR, HARVIEW)
    assert one.reasons == ("same name", "same street address", "same phone", "same town")
    assert (one.code, one.score, one.clear) == ("HARVIEW", 100, True)


def test_a_record_that_resembles_nothing_has_no_suggestion() -> None:
    assert suggest(HARBOR, replace(HARVIEW, name="ZENITH MOTORS", street="", city="", phone="", postal_code="")) == []
    assert suggest(HARBOR) == []


@pytest.mark.parametrize(
    ("changed", "doubt"),
    [
        ({"city": "CHARLOTTE", "postal_code": "28202"}, "another town"),
        ({"state": "SC", "postal_code": ""}, "another town"),
        ({"street": "4102 FOUNDRY RD"}, "another number of the same street"),
        ({"street": "4100 FOUNDRY RD STE 9"}, None),
        ({"active": False}, "inactive in Spectrum"),
        ({"name": "HARBORVIEW FOODS #21"}, None),
        ({"name": "HARBORVIEW FOODS 21", "street": "", "phone": ""}, "only one name has a number"),
    ],
)
def test_what_speaks_against_a_code_is_told_and_takes_the_tick_away(
    changed: dict[str, object], doubt: str | None
) -> None:
    [one] = suggest(HARBOR, replace(HARVIEW, **changed))  # type: ignore[arg-type]
    assert one.clear is (doubt is None)
    if doubt:
        assert any(doubt in reason for reason in one.reasons if reason.startswith("but "))


@pytest.mark.parametrize(
    ("ours", "theirs"), [("Depot #12", "DEPOT #21"), ("North Campus", "S CAMPUS"), ("Tower A", "TOWER B")]
)
def test_numbers_directions_and_letters_tell_places_apart(ours: str, theirs: str) -> None:
    assert ticked(replace(PLANT, name=ours), replace(HV0002, name=theirs)) is None
    assert ticked(replace(PLANT, name=ours), replace(HV0002, name=ours.upper())) == "HV0002"


def test_a_site_of_another_customer_is_never_ticked() -> None:
    assert ticked(PLANT, HV0002) == "HV0002"
    assert ticked(PLANT, replace(HV0002, customer_code="OTHER")) is None
    assert "a site of customer HARVIEW, as its company is" in suggest(PLANT, HV0002)[0].reasons


def test_a_code_with_another_one_near_is_not_ticked() -> None:
    assert ticked(PLANT, HV0002, replace(HV0002, code="HV0009")) is None
    assert [one.code for one in suggest(PLANT, HV0002, replace(HV0002, code="HV0009"))] == ["HV0002", "HV0009"]


def test_two_locations_do_not_tick_one_site_unless_they_are_at_one_address() -> None:
    twin = replace(PLANT, id="4", name="Plant 2")
    found = RapidFuzzMatcher().suggest([PLANT, twin], [HV0002], KNOWN)
    assert [one.clear for [one] in found.values()] == [True, True]
    elsewhere = replace(twin, street="", city="Raleigh", postal_code="")
    found = RapidFuzzMatcher().suggest([PLANT, elsewhere], [HV0002], KNOWN)
    assert not found[elsewhere.key][0].clear


def test_two_companies_may_tick_one_customer() -> None:
    found = RapidFuzzMatcher().suggest([HARBOR, replace(HARBOR, id="2")], [HARVIEW], KNOWN)
    assert [one.clear for [one] in found.values()] == [True, True]


def test_a_site_that_another_location_has_is_not_ticked() -> None:
    known = KnownCodes({**KNOWN.codes, (SITE, "77"): "hv0002"})
    assert ticked(PLANT, HV0002, known=known) is None
    assert ticked(PLANT, HV0002, known=KnownCodes({**KNOWN.codes, PLANT.key: "HV0002"})) == "HV0002"


@pytest.mark.parametrize(
    ("code", "name", "right"),
    [
        ("CV4G", "CK VLV GRVD 4 IN", True),
        ("X1", "CHECK VALVE GROOVED 4IN", True),
        ("X1", "CHECK VALVE GROOVED 6IN", False),
        ("CV4G", "CHECK VALVE GROOVED 6IN", False),
        ("CV4G", "", True),
        ("CV4G", "PAPER TOWELS", False),
        ("X1", "CHECK VALVE GROOVED", False),
    ],
)
def test_items_are_ticked_by_code_and_description_with_every_size(code: str, name: str, right: bool) -> None:
    assert (ticked(VALVE, ListedCode(kind=ITEM, code=code, name=name)) == code) is right


def test_a_contract_is_told_by_its_number_its_customer_and_its_site() -> None:
    record = RecordToMap(
        kind=CONTRACT, id="5", name="Master Service", customer_id="1", number="HV-26", location_ids=("3",)
    )
    listed = ListedCode(kind=CONTRACT, code="HV26", name="MASTER SVC", customer_code="HARVIEW", site_code="HV0002")
    known = KnownCodes({**KNOWN.codes, (SITE, "3"): "HV0002"})
    [one] = suggest(record, listed, known=known)
    assert one.clear
    assert one.reasons[0] == "same number"
    assert "for the same site, HV0002" in one.reasons
    assert ticked(record, replace(listed, site_code="HV0001"), known=known) is None
    assert ticked(record, replace(listed, customer_code="OTHER"), known=known) is None


def test_how_often_a_code_was_accepted_is_told() -> None:
    known = replace(KNOWN, accepted={(CUSTOMER, "HARVIEW"): 3})
    assert suggest(HARBOR, HARVIEW, known=known)[0].reasons[-1] == "accepted by Spectrum 3 times"


def test_at_most_so_many_candidates_are_given_and_one_of_them_is_clear() -> None:
    codes = [replace(HARVIEW, code=f"H{number}", street=f"{number} MAIN ST", phone="") for number in range(9)]
    found = RapidFuzzMatcher().suggest([HARBOR], [HARVIEW, *codes], KNOWN, most=3)[HARBOR.key]
    assert [one.clear for one in found] == [True, False, False]


@pytest.mark.parametrize(
    "odd", ["", " ", "\x00", "\u200b", "###", "Ünïcødé Ltd", "a" * 5000, "ab " * 5000, "1 " * 5000, "-1/2\"'", "\ud800"]
)
def test_odd_texts_are_no_error(odd: str) -> None:
    for kind in AliasKind:
        record = RecordToMap(
            kind=kind, id="1", name=odd, street=odd, city=odd, state=odd, postal_code=odd, phone=odd, own_code=odd
        )
        listed = ListedCode(kind=kind, code="X", name=odd, street=odd, city=odd, phone=odd, postal_code=odd)
        suggest(record, listed)


def test_thousands_of_locations_at_one_address_are_compared_in_a_moment() -> None:
    alike = [replace(PLANT, id=str(number)) for number in range(2_000)]
    began = process_time()
    found = RapidFuzzMatcher().suggest(alike, [HARVIEW, HV0002], KNOWN)
    assert process_time() - began < 2.5
    assert all(found[one.key][0].clear for one in alike)
