"""`jobferry creations`: a record is made with the fields that were looked at, and each act is in the audit."""

from __future__ import annotations

from typing import Any

import pytest

from adapters.sandbox.faults import Fault, FaultKind
from adapters.sandbox.servicetrade.seed import FIRST_JOB_ID
from tests.support.cli_scene import Shell

pytestmark = pytest.mark.long
SERVICE = "AddWOSiteAddress"


@pytest.fixture(scope="module")
def creating(shell: Shell) -> Shell:
    """Its connection lets sites be created."""
    assert shell("connections", "remove", "north", "--yes").code == 0
    assert shell.add_connection("--create-sites").code == 0
    return shell


def words(act: str, location: str, code: str, *more: str) -> tuple[str, ...]:
    return ("creations", act, "site", location, "--connection", "north", "--field", f"Site_ID={code}", *more)


def confirmed(shell: Shell, code: str) -> tuple[str, str]:
    """The creation of a site with this code, and its location."""
    location = shell.world.cardinal.state.add_location(f"Quail Ridge {code}")
    seen = shell(*words("preview", location, code, "--json")).document()["fingerprint"]
    return str(shell(*words("create", location, code, "--yes", seen, "--json")).document()["id"]), location


def work(shell: Shell) -> None:
    """A worker looks at the connection."""
    state = shell.world.cardinal.state
    known = state.jobs[FIRST_JOB_ID]
    job = state.add_job(str(700001 + len(state.jobs)), customer=known.customer, location=known.location)
    assert shell("jobs", "send", job, "--connection", "north", "--wait").code == 0


def told(shell: Shell, creation: str) -> dict[str, Any]:
    found: dict[str, Any] = shell("creations", "show", creation, "--json").document()
    return found


def acts(shell: Shell, creation: str) -> list[str]:
    """What whoever is at the machine did with it, oldest first."""
    listed = shell("audit", "list", "--limit", "200", "--json").document()["items"]
    mine = [one for one in listed if one["subject"] == creation and one["actor"].startswith("cli")]
    return [one["action"] for one in reversed(mine)]


def test_only_what_was_looked_at_is_confirmed(creating: Shell) -> None:
    location = creating.world.cardinal.state.add_location("Quail Ridge Tower")
    seen = creating(*words("preview", location, "QUAIL", "--json")).document()["fingerprint"]
    assert f"--yes {seen}" in creating(*words("preview", location, "QUAIL")).out
    bare = creating(*words("create", location, "QUAIL"))
    assert bare.code == 2
    assert "the fields are not confirmed" in bare.told
    other = creating(*words("create", location, "QUAIL2", "--yes", seen))
    assert "a value has changed since that preview" in other.told
    creating.world.cardinal.state.locations[location].name = "Renamed Tower"
    renamed = creating(*words("create", location, "QUAIL", "--yes", seen))
    assert "a value has changed since that preview" in renamed.told
    assert creating("creations", "list", "--json").document()["items"] == []


def test_a_creation_is_confirmed_and_cancelled(creating: Shell) -> None:
    creation, _ = confirmed(creating, "EARLY")
    assert creating("creations", "cancel", creation).code == 0
    assert told(creating, creation)["state"] == "cancelled"
    assert creating("creations", "cancel", creation).code != 0
    assert acts(creating, creation) == ["creation.requested", "creation.cancelled"]


def test_a_doubt_is_settled_and_a_code_that_could_not_be_kept_is_left(creating: Shell) -> None:
    creating.world.own_spectrum.faults.add(Fault(FaultKind.APPLY_THEN_DROP, match=SERVICE))
    creation, location = confirmed(creating, "UNCLEAR")
    work(creating)
    assert told(creating, creation)["state"] == "in_doubt"
    early = creating("creations", "settle", creation, "--not-there", "--reason", "Looked")
    assert "may still make it" in early.told
    assert creating("aliases", "set", "site", location, "HV0001", "--connection", "north").code == 0
    assert creating("creations", "settle", creation, "--there", "--reason", "Looked").code == 0
    work(creating)
    assert (told(creating, creation)["state"], told(creating, creation)["needs_person"]) == ("created", True)
    assert creating("creations", "keep-code", creation).code == 0
    assert not told(creating, creation)["needs_person"]
    assert creating("creations", "keep-code", creation).code != 0
    assert acts(creating, creation) == ["creation.requested", "creation.settled", "creation.code_kept"]
