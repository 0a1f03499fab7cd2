"""Notes and documents that may be in Spectrum or not, on the command line: listed, and ended by a word that is kept."""

from __future__ import annotations

from adapters.sandbox.faults import Fault, FaultKind
from adapters.sandbox.servicetrade.seed import FIRST_JOB_ID
from tests.support.cli_scene import Shell


def test_an_unclear_document_is_listed_with_where_to_look_and_settled(shell: Shell) -> None:
    assert "No note and no document" in shell("doubts", "annotations").told
    assert shell("connections", "remove", "north", "--yes").code == 0
    assert shell.add_connection("--send-paperwork").code == 0
    state = shell.world.cardinal.state
    known = state.jobs[FIRST_JOB_ID]
    job_id = state.add_job("600901", customer=known.customer, location=known.location)
    state.complete(job_id)
    state.attach(job_id, "signed.pdf", b"%PDF-1.7 signed")
    shell.world.own_spectrum.faults.add(Fault(FaultKind.APPLY_THEN_DROP, match="/workOrders/images"))
    sent = shell("jobs", "send", job_id, "--wait")
    assert "DOCUMENT_UNCLEAR" in sent.out + sent.told, sent.told

    assert "jobferry doubts annotations --tenant" in shell("doubts", "list").told
    listed = shell("doubts", "annotations")
    assert "Document signed.pdf" in listed.out
    assert "T600901" in listed.out
    [one] = shell("doubts", "annotations", "--json").document()["items"]
    assert one["id"] in listed.out
    assert f"doubts settle-annotation {one['id']}" in listed.told
    settle = ("doubts", "settle-annotation", one["id"], "--reason", "Among its documents", "--outcome")
    early = shell(*settle, "not_there")
    assert early.code == 1
    assert "too early" in early.told
    settled = shell(*settle, "there")
    assert settled.code == 0, settled.told
    assert "not added again" in settled.out + settled.told
    gone = shell(*settle, "there")
    assert gone.code == 1
    assert "settled already" in gone.told
    assert shell("doubts", "annotations", "--json").document()["items"] == []
    entries = shell("audit", "list", "--json").document()["items"]
    assert [one["detail"]["outcome"] for one in entries if one["action"] == "annotation.settled"] == ["there"]
