"""`jobferry suggestions`, against both simulated systems and PostgreSQL."""

from __future__ import annotations

from tests.support.cli_scene import Shell


def test_codes_are_found_listed_and_confirmed(shell: Shell) -> None:
    found = shell("suggestions", "find", "--connection", "north", "--json")
    assert found.code == 0, found.told
    counts = found.document()
    assert counts["step"] == "done"
    listed = shell("suggestions", "list", "--connection", "north", "--json").document()["items"]
    assert len(listed) == counts["clear"] + counts["doubtful"] + counts["nothing"] > 0
    one = listed[0]
    named = f"{one['kind']}:{one['servicetrade_id']}=NO-SUCH"
    refused = shell("suggestions", "confirm", named, "--connection", "north")
    assert refused.code == 5
    assert "is not in the list of Spectrum's codes" in refused.told + refused.out
    assert shell("suggestions", "confirm", "--clear", "--connection", "north").code == 0


def test_odd_arguments_are_usage_errors(shell: Shell) -> None:
    assert shell("suggestions", "confirm", "--connection", "north").code != 0
    assert shell("suggestions", "confirm", "nothing", "--connection", "north").code != 0
    unknown = shell("suggestions", "confirm", "customer:1=X", "--connection", "north")
    assert "is not among the records without a code" in unknown.told
