"""`jobferry creations`: nothing is created before every field was shown and confirmed."""

from __future__ import annotations

from tests.support.cli_scene import Shell

LOCATION = "2274012005548033"
"""In the simulated ServiceTrade: without a code, of a company that has one."""


def test_a_site_is_previewed_shown_confirmed_found_and_cancelled(shell: Shell) -> None:
    mark = shell("creations", "preview", "site", LOCATION, "--json").document()["fingerprint"]
    off = shell("creations", "create", "site", LOCATION, "--yes", mark)
    assert (off.code, "does not let sites be created" in off.told) == (1, True), off.told
    assert shell.add_connection("--create-sites", slug="west", system="spectrum_west").code == 0
    asked = ("site", LOCATION, "-c", "west", "--field", "Site_ID=DOCK7", "--field", "Site_Customer_Code=HARVIEW")
    seen = shell("creations", "preview", *asked).out
    assert "DOCK7" in seen
    assert "It can be created as it is." in seen
    stopped = shell("creations", "create", *asked)
    assert (stopped.code, stopped.out) == (2, seen), "without --yes it shows every field, and stops"
    assert "--yes" in stopped.told
    assert shell("creations", "list", "--json").document()["items"] == []
    mark = shell("creations", "preview", *asked, "--json").document()["fingerprint"]
    made = shell("creations", "create", *asked, "--yes", mark, "--json").document()
    assert (made["code"], made["state"], made["connection"]) == ("DOCK7", "queued", "west")
    assert [one["id"] for one in shell("creations", "list", "--json").document()["items"]] == [made["id"]]
    assert made["id"] in shell("creations", "show", made["id"]).out
    for early in (("settle", made["id"], "--there", "--reason", "seen"), ("keep-code", made["id"])):
        assert shell("creations", *early).code == 1, early
    assert shell("creations", "cancel", made["id"], "--json").document()["state"] == "cancelled"
    assert shell("creations", "cancel", made["id"]).code == 1


def test_odd_arguments_name_what_is_wrong(shell: Shell) -> None:
    assert "ServiceTrade has no location 9." in shell("creations", "preview", "site", "9", "-c", "north").told
    assert (
        "--field Site_ID=QUAIL"
        in shell("creations", "preview", "site", LOCATION, "-c", "north", "--field", "Site_ID").told
    )
    assert shell("creations", "preview", "house", LOCATION).code == 2
    assert shell("creations", "show", "crn_none").code == 1
