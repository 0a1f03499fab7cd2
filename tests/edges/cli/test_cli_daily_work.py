"""The command line end to end: set up, preview, send, look, retry, against both simulated systems and PostgreSQL."""

from __future__ import annotations

import stat
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest

from adapters.bootstrap.demo.world import UNMAPPED_CODE, UNMAPPED_NAME
from adapters.outbound.clock import SystemClock
from adapters.outbound.postgres.server.embedded import EmbeddedPostgres
from adapters.sandbox.servicetrade.seed import FIRST_JOB_ID, UNMAPPED_CUSTOMER_JOB_ID, UNMAPPED_SITE_JOB_ID, WEST_JOB_ID
from adapters.sandbox.spectrum.state import Customer
from tests.support.cli_scene import Shell, beside, world_beside
from tests.support.oidc_scene import PUBLIC, SECRET, provider


@pytest.fixture(scope="module")
def shell(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shell]:
    """An installation with a server of its own, which waits for the disk: the doctor warns of the tests' server. The
    server stays up, or each command would start and stop it."""
    folder = tmp_path_factory.mktemp("jobferry")
    server = EmbeddedPostgres.start(folder)
    try:
        with world_beside() as world:
            shell = Shell(folder, world)
            shell.furnish()
            yield shell
    finally:
        server.close()


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shell]:
    """An installation that nobody has initialised."""
    with world_beside() as world:
        yield Shell(tmp_path_factory.mktemp("fresh"), world)


def test_nothing_works_before_init_and_the_way_out_is_told(fresh: Shell) -> None:
    ended = fresh("tenants", "list")
    assert ended.code == 3
    assert "jobferry init" in ended.told
    assert fresh("doctor").code == 3


@pytest.mark.long
def test_init_shows_one_operator_key_once_and_keeps_the_encryption_key_private(tmp_path: Path, shell: Shell) -> None:
    own = Shell(tmp_path, shell.world)
    first = own("init", "--json")
    assert first.code == 0, first.told
    assert first.document()["operator_key"].startswith("jf_")
    assert [stat.S_IMODE(file.stat().st_mode) for file in tmp_path.glob("*.key")] == [0o600]
    assert own("init", "--json").document()["operator_key"] is None
    more = own("init", "--json", "--new-key").document()["operator_key"]
    assert more.startswith("jf_")
    assert more != first.document()["operator_key"]


def test_a_tenant_with_a_wrong_password_is_not_stored(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WRONG", "not-it")
    login = ("--username", "integration@cardinal.example", "--password-env", "WRONG")
    ended = shell("tenants", "add", "other", "--name", "Other", "--base-url", shell.world.cardinal.url, *login)
    assert ended.code == 4
    assert "not-it" not in ended.told
    [only] = shell("tenants", "list", "--limit", "1", "--json").document()["items"]
    assert only["slug"] == "cardinal"
    assert shell("tenants", "list", "--after", only["id"], "--json").document()["items"] == []


def test_a_password_may_come_in_on_stdin(shell: Shell) -> None:
    login = ("--client-id", "sandbox-client", "--password-stdin")
    arguments = ("tenants", "add", "piped", "--name", "Piped", "--base-url", shell.world.cardinal.url, *login)
    wrong = shell(*arguments, stdin="no\n")
    assert wrong.code == 4


def test_bad_settings_of_a_connection_name_every_field(shell: Shell) -> None:
    ended = shell.add_connection("--leading-character", "TT", slug="No Slug")
    assert ended.code == 2
    assert "slug" in ended.told
    assert "leading_character" in ended.told


def test_an_address_that_is_none_is_refused_before_anything_is_stored(shell: Shell) -> None:
    ended = shell.add_connection("--endpoint-url", "ftp://spectrum/x", slug="bad")
    assert ended.code == 2
    assert "Data Exchange" in ended.told
    assert [one["slug"] for one in shell("connections", "list", "--json").document()["items"]] == ["north"]


def test_connections_are_listed_a_page_at_a_time(shell: Shell) -> None:
    assert shell.add_connection(slug="later", system="later").code == 0
    first = shell("connections", "list", "--limit", "1", "--json").document()
    assert [one["slug"] for one in first["items"]] == ["north"]
    assert first["items"][0]["warnings"][0]["code"] == "SAME_COMPANY", "as the API tells it"
    rest = shell("connections", "list", "--after", first["next"], "--json").document()
    assert ([one["slug"] for one in rest["items"]], rest["next"]) == (["later"], None)
    assert f"There are more: --after {first['next']}" in shell("connections", "list", "--limit", "1").told
    assert shell("connections", "remove", "later", "--yes").code == 0


def test_a_connection_shows_everything_but_its_secrets(shell: Shell) -> None:
    shown = shell("connections", "show", "north")
    assert "Spectrum North" in shown.out
    assert "SANDBOX-101" not in shown.out + shell("connections", "show", "north", "--json").out


def test_a_connection_is_tested_step_by_step(shell: Shell) -> None:
    good = shell("connections", "test", "north")
    assert good.code == 0, good.out
    kept_out = shell("connections", "test", "north", "--json", networks="[]")
    assert kept_out.code == 4
    failed = [step for step in kept_out.document()["steps"] if step["state"] == "failed"]
    assert failed[0]["fix"]
    shown = " ".join(shell("connections", "show", "north").out.split())
    assert f"Failed: {failed[0]['detail'][:20]}" in shown, "the last test stays on the connection"
    kept = shell("connections", "show", "north", "--json").document()["last_test"]
    assert (kept["ok"], kept["stale"], kept["steps"]) == (False, False, kept_out.document()["steps"])


def test_every_command_says_alike_that_a_connection_is_not_proven(shell: Shell) -> None:
    for command in (("connections", "list"), ("connections", "show", "north"), ("doctor",)):
        assert "Not proven yet" in " ".join(shell(*command).out.split()), command
    assert shell("jobs", "send", FIRST_JOB_ID, "--wait").code == 0
    for command in (("connections", "list"), ("connections", "show", "north"), ("doctor",)):
        assert "Working, last write" in " ".join(shell(*command).out.split()), command
    assert shell("connections", "show", "north", "--json").document()["state"] == "working"


def test_a_preview_shows_every_value_with_its_origin(shell: Shell) -> None:
    ended = shell("jobs", "preview", FIRST_JOB_ID)
    assert ended.code == 0
    assert "T104482" in ended.out
    assert "PO-77120" in ended.out
    by_number = shell("jobs", "preview", "104482", "--by-number", "--json").document()
    assert by_number["job_id"] == FIRST_JOB_ID
    assert by_number["sendable"] is True
    assert {"field", "value", "origin", "changes"} <= by_number["header"][0].keys()


def test_a_preview_that_cannot_be_sent_says_why_and_who_can_mend_it(shell: Shell) -> None:
    ended = shell("jobs", "preview", UNMAPPED_SITE_JOB_ID)
    assert ended.code == 1
    assert "MAP_SITE_MISSING" in ended.out
    assert "the ServiceTrade administrator" in ended.out


@pytest.mark.parametrize("arguments", [("2412087334600000",), ("1", "--by-number")])
def test_an_unknown_job_is_told(shell: Shell, arguments: tuple[str, ...]) -> None:
    ended = shell("jobs", "preview", *arguments)
    assert ended.code == 1
    assert ended.out == ""
    assert "Failed:" in ended.told


def test_send_and_wait_works_without_any_worker(shell: Shell) -> None:
    ended = shell("jobs", "send", FIRST_JOB_ID, "--wait")
    assert ended.code == 0, ended.out + ended.told
    assert "Work order T104482 is in Spectrum North" in ended.out
    assert shell.world.own_spectrum.state.work_order("101", "T104482").fields["Customer_PO_Number"] == "PO-77120"


def test_a_stale_plan_hash_sends_nothing_and_shows_the_new_plan(shell: Shell) -> None:
    ended = shell("jobs", "send", FIRST_JOB_ID, "--plan-hash", "0" * 64)
    assert ended.code == 1
    assert "T104482" in ended.told


def test_a_failed_send_is_explained_listed_and_retried_once_mended(shell: Shell) -> None:
    failed = shell("jobs", "send", UNMAPPED_CUSTOMER_JOB_ID, "--wait", "--json")
    assert failed.code == 1
    send = failed.document()["id"]
    assert "MAP_CUSTOMER_MISSING" in shell("sends", "show", send).out
    assert f"jobferry sends retry {send}" in shell("sends", "show", send).out
    listed = shell("sends", "list", "--state", "needs_attention", "--json").document()["items"]
    assert [one["id"] for one in listed] == [send]
    assert "MAP_CUSTOMER_MISSING" in shell("warnings", "list").out

    shell.world.own_spectrum.state.companies["101"].customers[UNMAPPED_CODE] = Customer(name=UNMAPPED_NAME)
    shell.world.map_customer()
    assert shell("sends", "retry", send).code == 0
    again = shell("jobs", "send", UNMAPPED_CUSTOMER_JOB_ID, "--wait")
    assert again.code == 0, again.out + again.told
    assert "Nothing needs attention" in shell("warnings", "list").told


def test_a_send_that_waits_for_spectrum_is_partly_done(shell: Shell) -> None:
    shell.world.own_spectrum.state.work_order("101", "T104482").locked = True
    try:
        ended = shell("jobs", "send", FIRST_JOB_ID, "--wait")
    finally:
        shell.world.own_spectrum.state.work_order("101", "T104482").locked = False
    assert ended.code == 5, ended.out
    assert "RECORD_LOCKED" in ended.out
    assert "tries again by itself" in ended.out
    assert "no worker runs" in ended.told
    send = shell("sends", "list", "--limit", "1", "--json").document()["items"][0]["id"]
    tries = shell("sends", "attempts", send, "--json").document()["items"]
    assert [one["step"] for one in tries] == ["header"]
    assert tries == shell("sends", "show", send, "--json").document()["attempts"]
    assert tries[0]["outcome"] in shell("sends", "attempts", send).out


def test_a_waiting_send_can_be_cancelled_once(shell: Shell) -> None:
    assert shell("connections", "pause", "north").code == 0
    try:
        send = shell("jobs", "send", WEST_JOB_ID).out.strip()
        assert shell("sends", "cancel", send).code == 0
        assert shell("sends", "cancel", send).code == 1
    finally:
        assert shell("connections", "resume", "north").code == 0


def test_which_tenant_and_connection_must_be_said_where_there_are_several(shell: Shell) -> None:
    assert shell.add_connection(slug="west", system="spectrum_west").code == 0
    ended = shell("jobs", "preview", FIRST_JOB_ID)
    assert ended.code == 2
    assert "--connection north" in ended.told


def test_a_lost_encryption_key_is_told_and_not_replaced(shell: Shell) -> None:
    key = shell.folder / "encryption.key"
    kept = key.read_bytes()
    key.unlink()
    try:
        ended = shell("init")
        assert ended.code == 3
        assert "encryption key is gone" in ended.told
        assert not key.exists()
    finally:
        key.write_bytes(kept)


@contextmanager
def heartbeat(shell: Shell) -> Iterator[None]:
    """The row of a worker that lives."""
    server = EmbeddedPostgres.start(shell.folder)
    with closing(server), psycopg.connect(server.url, autocommit=True) as connection:
        connection.execute("INSERT INTO procrastinate_workers DEFAULT VALUES")
        yield
        connection.execute("DELETE FROM procrastinate_workers")


def test_the_doctor_looks_at_everything_and_says_what_to_do(shell: Shell) -> None:
    with heartbeat(shell):
        well = shell("doctor")
    assert well.code == 0, well.out
    assert "cardinal / north" in well.out
    assert "at most 50 of them for one tenant" in " ".join(well.out.split())
    assert "GB free for" in " ".join(well.out.split())
    ill = shell("doctor", networks="[]")
    assert ill.code == 5
    assert "JOBFERRY_ALLOWED_NETWORKS" in ill.out


def test_the_doctor_names_a_missing_worker_and_the_way_out(shell: Shell) -> None:
    ended = shell("doctor")
    told = " ".join(ended.out.split())
    assert ended.code == 5
    assert "none runs (no heartbeat in the last" in told
    assert "Start one: `jobferry serve`, or `jobferry worker`" in told
    assert "WORKER_MISSING" in told
    assert "cardinal / north" in told, "everything else is checked, too"


def test_a_database_that_is_down_ends_every_command_with_three(shell: Shell) -> None:
    down = replace(shell, database_url="postgresql://jobferry:secret@127.0.0.1:1/jobferry")
    for command in (("tenants", "list"), ("jobs", "send", FIRST_JOB_ID, "--wait"), ("worker",), ("init",), ("doctor",)):
        ended = down(*command)
        told = " ".join((ended.out + ended.told).split())
        assert (ended.code, "JOBFERRY_DATABASE_URL" in told, "secret" in told) == (3, True, False), (command, told)


def test_a_key_file_that_everybody_may_read_is_named(shell: Shell) -> None:
    key = shell.folder / "encryption.key"
    key.chmod(0o644)
    try:
        told = " ".join(shell("doctor").out.split())
    finally:
        key.chmod(0o600)
    assert "all users of this machine may open that file" in told
    assert "chmod 600" in told


def test_the_doctor_asks_the_provider_of_sign_in(shell: Shell, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    file = tmp_path / "client-secret"
    with beside(provider(SystemClock())) as there:
        for name, value in (
            ("PUBLIC_URL", PUBLIC),
            ("OIDC_ISSUER", there.issuer),
            ("OIDC_CLIENT_ID", "jobferry"),
            ("OIDC_CLIENT_SECRET_FILE", str(file)),
            ("OIDC_NAME", "Cardinal ID"),
        ):
            monkeypatch.setenv(f"JOBFERRY_{name}", value)
        without = shell("doctor")
        assert (without.code, f"{file} cannot be read" in " ".join(without.out.split())) == (5, True), without.out
        file.write_text(f"{SECRET}\n")
        with heartbeat(shell):
            well = shell("doctor")
        assert (well.code, f"Cardinal ID answers and is {there.issuer}" in well.out) == (0, True), well.out
        there.described = {"issuer": "https://else.example.com"}
        ill = shell("doctor")
    assert (ill.code, "issuer is https://else.example.com" in " ".join(ill.out.split())) == (5, True), ill.out
    assert "JOBFERRY_OIDC_ISSUER" in ill.out
    away = shell("doctor")
    assert (away.code, "Cardinal ID cannot be reached" in away.out) == (5, True), away.out
    assert "cardinal / north" in away.out, "nothing else waits for it"
    assert SECRET not in without.out + well.out + ill.out + away.out


@pytest.mark.parametrize(
    "command",
    [
        ("sends", "list", "--until", "9999-12-31"),
        ("sends", "list", "--since", "0001-01-01"),
        ("audit", "list", "--since", "0001-01-01"),
        ("webhook-endpoints", "redeliver", "whe_1", "--since", "9999-12-31"),
        ("keys", "create", "billing", "--scope", "read", "--days", "99999999"),
    ],
)
def test_a_day_far_from_our_time_is_a_usage_error(shell: Shell, command: Sequence[str]) -> None:
    refused = shell(*command)
    assert refused.code == 2, refused.told
    assert "is not" in refused.told
