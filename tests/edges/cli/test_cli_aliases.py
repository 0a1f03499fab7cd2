"""`jobferry aliases`, against both simulated systems and PostgreSQL."""

from __future__ import annotations

from pathlib import Path

import pytest

from adapters.sandbox.servicetrade.seed import UNMAPPED_CUSTOMER_JOB_ID
from tests.support.cli_scene import Shell

HEADER = "kind,servicetrade_id,name,code\n"


@pytest.fixture(autouse=True)
def no_aliases(shell: Shell) -> None:
    for alias in shell("aliases", "list", "--json").document()["items"]:
        assert shell("aliases", "remove", alias["id"]).code == 0


def rows(shell: Shell) -> list[str]:
    return shell("aliases", "export").out.splitlines()[1:]


def test_readiness_names_what_upcoming_jobs_lack_and_aliases_count(shell: Shell) -> None:
    found = shell("connections", "readiness", "north", "--json").document()
    record = shell.world.cardinal.state.jobs[UNMAPPED_CUSTOMER_JOB_ID].customer
    [gap] = [one for one in found["gaps"] if one["servicetrade_id"] == record]
    assert (gap["code"], UNMAPPED_CUSTOMER_JOB_ID in [job["job_id"] for job in gap["jobs"]]) == (
        "MAP_CUSTOMER_MISSING",
        True,
    )
    assert {one["code"] for one in found["gaps"]} == {
        "MAP_CUSTOMER_MISSING",
        "MAP_SITE_MISSING",
        "MAP_EMPTY_VALUE",
        None,
    }
    ended = shell("connections", "readiness", "north")
    assert f"{found['failing']} of {found['jobs']} upcoming jobs would fail" in ended.told
    assert gap["name"] in ended.out

    assert shell("aliases", "set", "customer", record or "", "HARVIEW", "--name", "Riverside").code == 0
    mapped = shell("connections", "readiness", "north", "--json").document()
    assert mapped["failing"] == found["failing"] - len(gap["jobs"])
    assert "HARVIEW" in shell("aliases", "list", "--search", "rIVER").out
    assert "no aliases like this" in shell("aliases", "list", "--search", "nobody").told
    assert shell("connections", "readiness", "none").code != 0


def test_a_job_that_was_blocked_goes_through_with_an_alias(shell: Shell) -> None:
    record = shell.world.cardinal.state.jobs[UNMAPPED_CUSTOMER_JOB_ID].customer or ""
    blocked = shell("jobs", "preview", UNMAPPED_CUSTOMER_JOB_ID)
    assert f"ServiceTrade id {record}" in blocked.out
    assert "set an alias" in blocked.out

    done = shell("aliases", "set", "customer", record, "HARVIEW", "--name", "Riverside")
    assert (done.code, "Riverside is HARVIEW in Spectrum." in done.told) == (0, True), done.told
    shown = shell("jobs", "preview", UNMAPPED_CUSTOMER_JOB_ID)
    assert shown.code == 0
    assert "the alias of Riverside, set " in shown.out
    assert " by cli:" in shown.out

    changed = shell("aliases", "set", "customer", record, "MILLBROOK", "--name", "Riverside")
    assert "(it was HARVIEW)" in changed.told
    [alias] = shell("aliases", "list", "--json").document()["items"]
    assert (alias["code"], alias["servicetrade_id"]) == ("MILLBROOK", record)
    assert record in shell("aliases", "list").out
    assert "HARVIEW" in shell("aliases", "history", alias["id"]).out
    gone = shell("aliases", "remove", alias["id"], "--json").document()
    assert (gone["code"], gone["connection"]) == ("MILLBROOK", "north")
    assert shell("jobs", "preview", UNMAPPED_CUSTOMER_JOB_ID).out == blocked.out
    history = shell("aliases", "history", alias["id"], "--json").document()["items"]
    assert [one["end"] for one in history][:2] == ["removed", "replaced"]


def test_a_file_is_imported_and_exported_byte_by_byte(shell: Shell, tmp_path: Path) -> None:
    file = tmp_path / "aliases.csv"
    file.write_bytes("\ufeffkind;servicetrade_id;name;code\r\nsite;12;Kälte;HV0001\r\nsite;3;-1;HV0001\r\n".encode())
    looked = shell("aliases", "import", str(file), "--dry-run")
    assert (looked.code, "2 new, 0 changed, 0 unchanged" in looked.told) == (0, True), looked.told
    assert "HV0001" in looked.out
    assert rows(shell) == []
    assert "2 new" in shell("aliases", "import", str(file)).told
    exported = shell("aliases", "export").out
    assert exported.splitlines() == [HEADER.strip(), "site,3,'-1,HV0001", "site,12,Kälte,HV0001"]
    again = shell("aliases", "import", "-", "--json", stdin=exported).document()
    assert (again["imported"], again["added"], again["changed"], again["unchanged"]) == (True, [], [], 2)
    assert [one["name"] for one in shell("aliases", "export", "--json").document()["items"]] == ["-1", "Kälte"]


def test_what_is_wrong_in_a_file_is_told_by_line_and_nothing_is_imported(shell: Shell) -> None:
    content = HEADER + "site,1,fine,A\nsite,x,y,\n"
    for dry_run in ([], ["--dry-run"]):
        ended = shell("aliases", "import", "-", *dry_run, stdin=content)
        assert ended.code == 2
        for words in ("line 3, servicetrade_id", "line 3, code"):
            assert words in ended.told, ended.told
    told = shell("aliases", "import", "-", "--dry-run", "--json", stdin=content)
    assert (told.code, [cell["line"] for cell in told.document()["wrong"]]) == (2, [3, 3])
    assert rows(shell) == []


def test_input_that_cannot_be_used_ends_with_words(shell: Shell, tmp_path: Path) -> None:
    ended = shell("aliases", "set", "site", "12x", " ")
    assert (ended.code, "servicetrade_id" in ended.told, "code" in ended.told) == (2, True, True)
    ended = shell("aliases", "import", str(tmp_path / "none.csv"))
    assert (ended.code, "cannot be read" in ended.told) == (2, True)
    assert shell("aliases", "set", "company", "12", "A").code == 2
    assert shell("aliases", "remove", "als_none").code == 1
    assert "has no aliases" in shell("aliases", "list").told
