"""Readiness: which jobs a missing code holds up, what stops most soonest first."""

from __future__ import annotations

from datetime import UTC, datetime

from core.model.mappings.alias import AliasKey, AliasKind
from core.model.mappings.readiness import NamedRecord, UpcomingJob, find_gaps

CUSTOMER, SITE, CONTRACT = AliasKind.CUSTOMER, AliasKind.SITE, AliasKind.CONTRACT


def job(id: str, day: int | None, customer: str = "1", location: str = "2", contract: str = "") -> UpcomingJob:
    return UpcomingJob(
        id=id,
        number=id,
        date=datetime(2026, 3, day, tzinfo=UTC) if day else None,
        customer=NamedRecord(customer, "c") if customer else None,
        location=NamedRecord(location, "l") if location else None,
        contract=NamedRecord(contract, "k") if contract else None,
    )


def none_at(*keys: AliasKey) -> dict[AliasKey, str | None]:
    return dict.fromkeys(keys)


def test_all_is_ready_where_nothing_is_missing() -> None:
    found = find_gaps([job("1", 2), job("2", None)], {})
    assert (found.jobs, found.failing, list(found.gaps), found.partial) == (2, 0, [], False)


def test_the_first_job_that_would_not_fail_is_the_earliest_of_those() -> None:
    jobs = [job("1", 9), job("2", 3, location="4"), job("3", 5), job("4", None)]
    ready = find_gaps(jobs, none_at((SITE, "4"))).first_ready
    assert ready
    assert ready.id == "3"
    assert find_gaps(jobs, none_at((SITE, "4")), partial=True).first_ready is None, "who knows what was not checked"
    assert find_gaps([job("1", 9, customer="")], {}).first_ready is None


def test_a_gap_names_its_jobs_the_earliest_first_and_those_without_a_day_last() -> None:
    [gap] = find_gaps([job("1", None), job("2", 9), job("3", 4)], none_at((SITE, "2"))).gaps
    assert [one.id for one in gap.jobs] == ["3", "2", "1"]
    assert (gap.cause, gap.earliest, gap.record.id) == ("MAP_SITE_MISSING", datetime(2026, 3, 4, tzinfo=UTC), "2")


def test_what_stops_most_soonest_is_first_and_contracts_are_last() -> None:
    jobs = [
        job("1", 5, customer="9"),
        job("2", 2, location="8"),
        job("3", 1, contract="7"),
        job("4", 2, customer="6"),
        job("5", 3, customer="6"),
    ]
    missing = none_at((CUSTOMER, "9"), (SITE, "8"), (CONTRACT, "7"), (CUSTOMER, "6"))
    found = find_gaps(jobs, missing)
    assert [gap.record.id for gap in found.gaps] == ["6", "8", "9", "7"]
    assert found.failing == 4, "without its contract's code a job goes all the same"
    assert found.gaps[-1].cause == ""


def test_causes_come_by_their_earliest_job_with_what_each_holds_up() -> None:
    jobs = [
        job("1", 5, customer="9"),
        job("2", 2, location="8"),
        job("3", 1, contract="7"),
        job("4", 3, location="6"),
        job("5", 4, customer="5", location="8"),
    ]
    missing = {**none_at((CUSTOMER, "9"), (SITE, "8"), (CONTRACT, "7")), (SITE, "6"): " ", (CUSTOMER, "5"): ""}
    found = find_gaps(jobs, missing).causes
    assert [(one.code, one.jobs, one.earliest.day if one.earliest else 0) for one in found] == [
        ("MAP_SITE_MISSING", 2, 2),
        ("MAP_EMPTY_VALUE", 2, 3),
        ("MAP_CUSTOMER_MISSING", 1, 5),
        ("", 1, 1),
    ]
    assert [gap.record.id for gap in found[1].gaps] == ["6", "5"]


def test_a_job_that_waits_for_two_records_of_one_cause_counts_once_and_no_day_is_last() -> None:
    blank = find_gaps([job("1", None)], {(CUSTOMER, "1"): " ", (SITE, "2"): " "}).causes
    assert [(one.code, one.jobs, one.earliest) for one in blank] == [("MAP_EMPTY_VALUE", 1, None)]
    two = find_gaps([job("1", None, customer="9"), job("2", 2, location="8")], none_at((CUSTOMER, "9"), (SITE, "8")))
    assert [one.code for one in two.causes] == ["MAP_SITE_MISSING", "MAP_CUSTOMER_MISSING"]


def test_a_job_with_two_gaps_fails_once_and_one_without_a_site_fails_too() -> None:
    found = find_gaps([job("1", 1), job("2", 2, location="")], none_at((CUSTOMER, "1"), (SITE, "2")), partial=True)
    assert (found.failing, [one.id for one in found.incomplete], found.partial) == (2, ["2"], True)
    assert find_gaps([job("3", 1, location=""), job("4", 1)], {}).failing == 1


def test_a_code_that_spectrum_refuses_stops_its_jobs_as_a_missing_one_does() -> None:
    jobs = [job("1", 5, customer="9"), job("2", 2, location="8"), job("3", 1, contract="7")]
    refused = {(CUSTOMER, "9"): "OLDTOWN", (CONTRACT, "7"): "K-1"}
    found = find_gaps(jobs, none_at((SITE, "8")), refused=refused)
    assert [(gap.record.id, gap.cause, gap.refused) for gap in found.gaps] == [
        ("7", "ERP_CONTRACT_INVALID", "K-1"),
        ("8", "MAP_SITE_MISSING", ""),
        ("9", "ERP_CUSTOMER_UNKNOWN", "OLDTOWN"),
    ]
    assert found.failing == 3
    assert [cause.code for cause in found.causes] == [gap.cause for gap in found.gaps]
