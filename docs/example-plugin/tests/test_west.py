"""Tests of west, with a generated job and with the job in west_job.json. Run them with pytest."""

from __future__ import annotations

from pathlib import Path

from jobferry.testkit import load_job, make_item, make_job, preview, send

from jobferry_west import west

RULE = west
SAMPLE = Path(__file__).with_name("west_job.json")


def test_the_sample_job_gets_its_priority_and_says_why() -> None:
    plan = preview(RULE, load_job(SAMPLE), config={"priority": "2"})
    assert plan.sendable
    assert plan.value("Priority_Code") == "2"
    assert plan.origin("Priority_Code").rule == "west"


def test_any_other_job_is_left_alone() -> None:
    assert preview(RULE, make_job(type="inspection")).value("Priority_Code") == ""


def test_a_send_carries_the_priority_to_spectrum() -> None:
    sent = send(RULE, make_job(), [make_item(id="7002", quantity=3)])
    assert sent.state == "sent"
    assert sent.work_order["Priority_Code"] == "1"
    assert sent.items["7002"]["Quantity_Used"] == "3"
