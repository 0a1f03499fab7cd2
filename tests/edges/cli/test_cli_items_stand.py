"""A job that somebody else sent before, on the command line; and waiting for a send that waits itself."""

from __future__ import annotations

import pytest

from adapters.sandbox.faults import Fault, FaultKind
from tests.edges.cli.test_cli_items import job, job_id, posted
from tests.support.cli_scene import Shell

__all__ = ["job_id"]


@pytest.fixture
def strange(shell: Shell, job_id: str) -> str:
    """A completed job that carries the number of a work order which nobody here has written."""
    job(shell, job_id).external_ids["spectrum"] = f"T{job(shell, job_id).number}"
    shell.world.cardinal.state.complete(job_id)
    return job_id


def test_a_job_of_others_is_listed_said_and_its_rest_is_posted(shell: Shell, strange: str) -> None:
    failed = shell("jobs", "send", strange, "--items", "new_only", "--wait")
    assert failed.code == 1
    assert "jobferry jobs items-stand" in failed.out
    preview = shell("jobs", "preview", strange, "--items", "new_only")
    assert "Its items wait" in preview.out
    assert f"jobferry jobs items-stand {strange}" in preview.out
    listed = shell("jobs", "items-stand", strange)
    assert (listed.code, listed.out.count("waits for your answer"), "LAB-REG" in listed.out) == (0, 2, False)
    gauge, _ = shell("jobs", "items-stand", strange, "--json").document()["items"]
    said = shell("jobs", "items-stand", strange, "--item", gauge["id"], "--reason", "Seen there")
    assert said.code == 0, said.told
    assert "Recorded as posted: 2 x GAUGE-300" in said.told
    assert "Left to send: Fee-Trip." in said.told
    [retry] = [line for line in said.told.splitlines() if "sends retry" in line]
    send_id = next(word for word in retry.split() if word.startswith("snd_"))
    assert shell("sends", "show", send_id, "--json").document()["state"] == "needs_attention"
    again = shell("jobs", "send", strange, "--items", "new_only", "--wait")
    assert again.code == 0, again.told
    assert posted(shell, strange) == 1
    assert "in Spectrum" in shell("jobs", "items-stand", strange).out


def test_what_stands_is_said_once_and_with_a_reason(shell: Shell, strange: str) -> None:
    assert shell("jobs", "items-stand", strange, "--all", "--none", "--reason", "x").code == 2
    assert shell("jobs", "items-stand", strange, "--none").code == 2
    assert shell("jobs", "items-stand", strange, "--item", "none-such", "--reason", "x").code == 2
    said = shell("jobs", "items-stand", strange, "--all", "--reason", "Seen there", "--json")
    assert (len(said.document()["entered"]), said.document()["left"]) == (2, [])
    assert "Nothing is left to send." in shell("jobs", "items-stand", strange, "--none", "--reason", "x").told


def test_waiting_for_a_send_behind_one_in_doubt_ends_at_once_and_says_so(shell: Shell, job_id: str) -> None:
    fault = Fault(FaultKind.APPLY_THEN_DROP, match="/ws/AddWOMaterialCost")
    shell.world.own_spectrum.faults.add(fault)
    holder = shell("jobs", "complete", job_id, "--items", "new_only", "--wait", "--json").document()["id"]
    waiting = shell("jobs", "send", job_id, "--items", "new_only", "--wait", "--timeout", "600")
    assert waiting.code == 5, waiting.told
    assert f"Waits for the send {holder}" in waiting.out
    assert f"jobferry sends show {holder}" in waiting.out


def test_a_connection_to_the_same_company_is_added_with_a_warning(shell: Shell) -> None:
    added = shell.add_connection(slug="twin", system="twin")
    assert added.code == 0, added.told
    assert "This account's connection Spectrum North " in added.told
    shown = shell("connections", "show", "twin")
    assert "SAME_COMPANY" in shown.out
    assert [one["code"] for one in shell("connections", "show", "twin", "--json").document()["warnings"]] == [
        "SAME_COMPANY"
    ]
