"""Which codes a send needs, and which sends the same codes free."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.model.catalogue import finding
from core.model.mappings.alias import AliasKind
from core.model.mappings.job_record import JobRecord, freed_by, in_question, need_key, needed
from core.model.planning.plan import HeaderValue, SendPlan
from core.model.shared.finding import Finding, Severity
from core.model.shared.origin import Origin
from core.model.work_orders.work_order import CONTRACT, CUSTOMER, SITE

HARBORVIEW = JobRecord(AliasKind.CUSTOMER, "7", "Harborview")
PLANT = JobRecord(AliasKind.SITE, "3", "Plant 2")
MASTER = JobRecord(AliasKind.CONTRACT, "9", "Master")
ALL = (MASTER, PLANT, HARBORVIEW)
NO_CUSTOMER = finding("MAP_CUSTOMER_MISSING", "none", field=CUSTOMER)
NO_SITE = finding("MAP_SITE_MISSING", "none", field=SITE)
BLANK_SITE = finding("MAP_EMPTY_VALUE", "blank", field=SITE)
NO_CONTRACT = finding("CONTRACT_NOT_MAPPED", "none", severity=Severity.INFO, field=CONTRACT)
REFUSED_SITE = finding("ERP_SITE_UNKNOWN_OR_INACTIVE", "unknown", field="WO_Job_Number")
NO_PO = finding("PO_REQUIRED", "none")
CUT = finding("PO_TOO_LONG", "cut", severity=Severity.WARNING)


@pytest.mark.parametrize(
    ("findings", "asked", "all_needed"),
    [
        ([NO_SITE], (PLANT,), (PLANT,)),
        ([BLANK_SITE], (PLANT,), (PLANT,)),
        ([REFUSED_SITE], (PLANT,), (PLANT,)),
        ([NO_SITE, NO_CUSTOMER], (HARBORVIEW, PLANT), (HARBORVIEW, PLANT)),
        ([NO_SITE, NO_CONTRACT, CUT], (PLANT, MASTER), (PLANT,)),
        ([NO_CONTRACT], (MASTER,), ()),
        ([NO_SITE, NO_PO], (PLANT,), ()),
        ([NO_PO], (), ()),
        ([], (), ()),
    ],
)
def test_the_findings_say_which_codes_are_needed(
    findings: list[Finding], asked: tuple[JobRecord, ...], all_needed: tuple[JobRecord, ...]
) -> None:
    assert in_question(findings, ALL) == asked
    assert needed(findings, ALL) == all_needed


def test_a_record_that_the_job_does_not_have_is_not_all_that_it_needs() -> None:
    assert needed([NO_SITE], (HARBORVIEW,)) == ()


def test_sends_are_freed_by_codes_that_are_all_they_need() -> None:
    keys = [PLANT.key, HARBORVIEW.key]
    freed = freed_by(keys)
    assert sorted(freed) == ["customer:7", "customer:7 site:3", "site:3"]
    for needs in ((PLANT,), (HARBORVIEW,), (PLANT, HARBORVIEW), (HARBORVIEW, PLANT)):
        assert need_key(needs) in freed
    for needs in ((MASTER,), (PLANT, MASTER), (replace(PLANT, servicetrade_id="33"),)):
        assert need_key(needs) not in freed
    assert need_key(()) == ""
    assert list(freed_by([])) == []


def test_a_refused_value_that_a_rule_has_set_is_no_question_of_the_records_code() -> None:
    def plan(source: str) -> SendPlan:
        header = (HeaderValue(SITE, "HV1", "HV1", Origin(source)),)
        return SendPlan(job_id="1", connection_id="con_1", number="T1", header=header, records=ALL)

    for source in ("mapping.site", "alias.site"):
        assert plan(source).codes_needed([REFUSED_SITE]) == (PLANT,)
    for source in ("rule", "alias.customer"):
        assert plan(source).codes_needed([REFUSED_SITE]) == ()
        assert plan(source).codes_in_question([REFUSED_SITE]) == ()
