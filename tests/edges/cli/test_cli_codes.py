"""`jobferry codes`, against both simulated systems and PostgreSQL."""

from __future__ import annotations

from pathlib import Path

from tests.support.cli_scene import Shell


def test_lists_are_read_and_searched(shell: Shell) -> None:
    assert "not read yet" in shell("codes", "lists").out
    asked = shell("codes", "refresh", "--no-wait", "--json").document()
    assert any(one["reading_since"] for one in asked["lists"])
    done = shell("codes", "refresh")
    assert done.code == 0, done.told + done.out
    lists = {one["kind"]: one for one in shell("codes", "lists", "--json").document()["lists"]}
    assert lists["customer"]["rows"] > 0
    assert (lists["customer"]["complete"], lists["customer"]["reading_since"]) == (True, None)
    found = shell("codes", "search", "har", "--kind", "customer", "--json").document()["items"]
    assert "HARVIEW" in [one["code"] for one in found]
    assert "HARVIEW" in shell("codes", "search", "HARV").out
    first = shell("codes", "search", "--kind", "item", "--limit", "1", "--json").document()
    rest = shell("codes", "search", "--kind", "item", "--after", first["next"], "--json").document()["items"]
    assert first["items"][0] not in rest
    assert "no such code" in shell("codes", "search", "nobody").told


def test_a_file_of_sites_is_imported(shell: Shell, tmp_path: Path) -> None:
    file = tmp_path / "sites.csv"
    file.write_bytes("Site\tLabel\r\nX-1\tKälte\r\nX-2\t\r\n\t\r\nMUCHTOOLONGACODE\tY\r\n".encode("cp1252"))
    looked = shell("codes", "import", "site", str(file), "--column", "code=Site", "--column", "name=Label", "--dry-run")
    assert (looked.code, "2 new" in looked.told, "line 5, Site" in looked.told) == (5, True, True), looked.told
    assert "Windows-1252" in looked.told
    assert "No column was found" not in looked.told
    looked = shell("codes", "import", "site", str(file), "--dry-run")
    assert "No column was found for the name" in looked.told
    assert shell("codes", "search", "X-", "--json").document()["items"] == []
    done = shell("codes", "import", "site", str(file), "--column", "code=Site", "--column", "name=Label")
    assert (done.code, "2 new" in done.told) == (5, True), done.told
    found = shell("codes", "search", "kalte", "--json").document()["items"]
    assert [(one["code"], one["listed_from"]) for one in found] == [("X-1", "imported")]
    again = shell("codes", "import", "site", "-", "--whole", "--json", stdin="Site,Name\nX-1,Kälte\n").document()
    assert (again["imported"], again["removed"], again["unchanged"]) == (True, 1, 1)
    assert "complete. Imported from a file as the whole list" in shell("codes", "lists").out


def test_input_that_cannot_be_used_ends_with_words(shell: Shell, tmp_path: Path) -> None:
    assert shell("codes", "import", "site", str(tmp_path / "none.csv")).code == 2
    ended = shell("codes", "import", "site", "-", "--column", "colour=X", stdin="Site\nX\n")
    assert (ended.code, "colour" in ended.told) == (2, True)
    ended = shell("codes", "import", "site", "-", stdin="a,b\n1,2\n")
    assert (ended.code, "which column holds the code" in ended.told) == (2, True), ended.told
