"""Keys, pauses and removal on the command line, on a real PostgreSQL."""

from __future__ import annotations

import json
from pathlib import Path

from tests.support.cli_scene import Shell


def test_a_key_is_shown_once_listed_rotated_and_revoked(shell: Shell) -> None:
    made = shell("keys", "create", "billing", "--tenant", "cardinal", "--scope", "read", "--scope", "send", "--json")
    assert made.code == 0, made.told
    key = made.document()
    assert key["scopes"] == ["read", "send"]
    rotated = shell("keys", "rotate", key["id"], "--tenant", "cardinal")
    assert rotated.out.strip().startswith("jf_")
    assert shell("keys", "revoke", key["id"], "--tenant", "cardinal").code == 0
    listed = shell("keys", "list", "--tenant", "cardinal")
    assert key["key"] not in listed.out
    assert "revoked" in listed.out
    assert len(shell("keys", "list", "--json").document()["items"]) == 1
    newest = shell("keys", "list", "--tenant", "cardinal", "--limit", "1", "--json").document()
    rest = shell("keys", "list", "--tenant", "cardinal", "--before", newest["next"], "--json").document()
    assert newest["items"][0]["id"] == newest["next"] > rest["items"][0]["id"] == key["id"]
    assert rest["next"] is None


def test_a_tenants_key_needs_a_scope(shell: Shell) -> None:
    ended = shell("keys", "create", "billing", "--tenant", "cardinal")
    assert ended.code == 2
    assert "read, send, settle, manage" in ended.told


def test_a_tenant_is_exported_to_a_new_file_for_its_user_alone(shell: Shell, tmp_path: Path) -> None:
    file = tmp_path / "cardinal.jsonl"
    ended = shell("tenants", "export", "cardinal", str(file), "--json")
    assert ended.code == 0, ended.told
    told = ended.document()
    assert (told["bytes"], told["rows"]["connections"]) == (file.stat().st_size, 1)
    assert json.loads(file.read_text().splitlines()[-1]) == {"end": True, "rows": told["rows"]}
    assert file.stat().st_mode & 0o077 == 0
    again = shell("tenants", "export", "cardinal", str(file))
    assert (again.code, "File exists" in again.told) == (2, True)
    assert "tenant.exported" in shell("audit", "list").out
    assert shell("tenants", "export", "nobody", str(tmp_path / "other")).code == 1
    assert not (tmp_path / "other").exists()


def test_a_tenant_is_paused_and_resumed(shell: Shell) -> None:
    assert shell("tenants", "pause", "cardinal", "--json").document()["paused"] is True
    assert shell("tenants", "resume", "cardinal", "--json").document()["paused"] is False


def test_the_settings_of_a_tenant_are_shown_and_changed_one_by_one(shell: Shell) -> None:
    assert "Time zone" in shell("tenants", "show", "cardinal").out
    changed = shell("tenants", "set", "cardinal", "--time-zone", "America/Chicago", "--json").document()
    assert (changed["time_zone"], changed["name"]) == ("America/Chicago", "Cardinal")
    assert shell("tenants", "set", "--name", "Cardinal Fire").code == 0
    after = shell("tenants", "show", "cardinal", "--json").document()
    assert (after["time_zone"], after["name"]) == ("America/Chicago", "Cardinal Fire")
    refused = shell("tenants", "set", "cardinal", "--time-zone", "Central")
    assert (refused.code, "an IANA time zone such as America/Chicago" in refused.told) == (2, True)
    assert shell("tenants", "set", "cardinal", "--name", "").code == 2
    nothing = shell("tenants", "set", "cardinal")
    assert (nothing.code, "Nothing is given to change" in nothing.told) == (2, True)
    assert shell("tenants", "set", "cardinal", "--time-zone", "", "--json").document()["time_zone"] is None
    assert "changed: time_zone" in shell("audit", "list", "--action", "tenant.changed").out


def test_a_connection_that_does_not_work_is_not_stored(shell: Shell) -> None:
    ended = shell.add_connection("--endpoint-url", "http://127.0.0.1:1/ws", slug="wrong", system="other")
    assert ended.code != 0
    there = shell("connections", "list", "--json").document()["items"]
    assert [one["slug"] for one in there] == ["north"]


def test_removal_asks_first_and_is_for_good(shell: Shell) -> None:
    assert shell("connections", "remove", "north", stdin="n\n").code != 0
    assert shell("connections", "show", "north").code == 0
    assert shell("connections", "remove", "north", stdin="y\n").code == 0
    assert shell("connections", "show", "north").code == 1
    assert "connection.removed" in shell("audit", "list").out
    narrowed = shell("audit", "list", "--action", "connection.removed", "--since", "2020-01-01", "--json").document()
    assert [one["action"] for one in narrowed["items"]] == ["connection.removed"]
    assert shell("audit", "list", "--until", "2020-01-01", "--json").document()["items"] == []
    assert "nothing like this" in shell("audit", "list", "--actor", "nobody").told
    assert shell("tenants", "remove", "cardinal", "--yes").code == 0
    assert shell("tenants", "list", "--json").document()["items"] == []
