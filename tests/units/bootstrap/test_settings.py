"""Settings: file, environment and flags, in this order of strength; wrong ones are named and secrets never shown."""

from __future__ import annotations

import logging
import os
import re
from datetime import timedelta
from ipaddress import ip_network
from pathlib import Path

import pytest
import structlog

from adapters.bootstrap.identity import open_identity
from adapters.bootstrap.load_settings import load_settings
from adapters.bootstrap.log import configure_log, mask_secrets
from adapters.bootstrap.settings import MOST_WAITING_PER_TENANT, PREFIX, Settings
from adapters.inbound.server.limits import Limits
from core.model.operations.retention import RetentionPeriods
from core.model.shared.errors import OperatorMends


@pytest.fixture(autouse=True)
def workplace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working directory and no settings in the environment."""
    for name in [name for name in os.environ if name.startswith(PREFIX)]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_everything_has_a_default() -> None:
    settings = load_settings()
    assert (settings.host, settings.port) == ("127.0.0.1", 8480)
    assert settings.database_url is None
    assert list(settings.allowed_networks) == []
    assert list(settings.retry_delays) == [60, 120, 300, 900]
    assert settings.key_file.parent == settings.data_dir
    assert (settings.rate_limit_per_minute, settings.trusted_proxies) == (600, ())


def test_the_environment_beats_the_file_and_flags_beat_both(workplace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (workplace / "jobferry.toml").write_text('port = 1001\nhost = "0.0.0.0"\nlog_level = "error"\n')
    monkeypatch.setenv("JOBFERRY_PORT", "1002")
    monkeypatch.setenv("JOBFERRY_LOG_LEVEL", "warning")
    settings = load_settings({"port": 1003, "log_level": None})
    assert (settings.host, settings.log_level, settings.port) == ("0.0.0.0", "warning", 1003)


def test_lists_are_json_in_the_environment_and_lists_in_the_file(
    workplace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (workplace / "jobferry.toml").write_text("retry_delays = [1, 2.5]\n")
    monkeypatch.setenv("JOBFERRY_ALLOWED_NETWORKS", '["127.0.0.0/8", "fd00::/8"]')
    settings = load_settings()
    assert list(settings.retry_delays) == [1, 2.5]
    assert settings.allowed_networks == (ip_network("127.0.0.0/8"), ip_network("fd00::/8"))


@pytest.mark.parametrize("named", [True, False])
@pytest.mark.parametrize("kind", ["folder", "dangling link", "pipe"])
def test_a_settings_file_that_cannot_be_read_is_never_left_out(workplace: Path, kind: str, named: bool) -> None:
    """Docker makes a folder where a mounted file is missing, and a shell makes a pipe for `--config <(...)`."""
    file = workplace / "jobferry.toml"
    if kind == "folder":
        file.mkdir()
    elif kind == "pipe":
        os.mkfifo(file)
    else:
        file.symlink_to("nowhere")
    with pytest.raises(OperatorMends) as caught:
        load_settings(file=file if named else None)
    assert "jobferry.toml cannot be read: " in caught.value.message


def test_a_file_that_is_nested_too_deeply_is_named(workplace: Path) -> None:
    (workplace / "jobferry.toml").write_text(f"port = {'[' * 5000}{']' * 5000}")
    with pytest.raises(OperatorMends, match=r"jobferry\.toml .* nested too deeply"):
        load_settings()


def test_an_unknown_key_is_refused_with_the_one_that_was_meant(workplace: Path) -> None:
    (workplace / "jobferry.toml").write_text("allowed_network = []\n")
    with pytest.raises(OperatorMends, match=r"allowed_network is not a setting; did you mean allowed_networks\?"):
        load_settings()


@pytest.mark.parametrize(
    ("wrong", "meant"),
    [
        ("ALLOWED_NETWORK", "ALLOWED_NETWORKS"),
        ("DATBASE_URL", "DATABASE_URL"),
        ("ENCRYPTION_KEYFILE", "ENCRYPTION_KEY_FILE"),
        ("RETRY_DELAY", "RETRY_DELAYS"),
        ("TRUSTED_PROXY", "TRUSTED_PROXIES"),
        ("HTTP_PORT", "PORT"),
        ("ZZZ", None),
    ],
)
def test_a_misspelt_variable_is_told_like_a_misspelt_key(
    wrong: str, meant: str | None, workplace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(PREFIX + wrong, "postgresql://u:hush@db/x")
    (workplace / "jobferry.toml").write_text("prot = 1\n")
    with pytest.raises(OperatorMends) as caught:
        load_settings()
    hint = f"; did you mean {PREFIX}{meant}?" if meant else ""
    assert [f"{error.pointer} {error.detail}" for error in caught.value.errors] == [
        f"{PREFIX}{wrong} is not a setting{hint} (in the environment)",
        "prot is not a setting; did you mean port? (in jobferry.toml)",
    ]
    assert "hush" not in str(caught.value)
    (workplace / "jobferry.toml").unlink()
    with pytest.raises(OperatorMends, match="is not a setting"):
        load_settings()


def test_small_letters_count_and_empty_variables_do_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("jobferry_port", "1005")
    monkeypatch.setenv("JOBFERRY_PROT", "")
    assert load_settings().port == 1005
    monkeypatch.setenv("jobferry_prot", "1006")
    with pytest.raises(OperatorMends, match="jobferry_prot is not a setting; did you mean JOBFERRY_PORT"):
        load_settings()


def test_what_kubernetes_tells_of_its_services_is_no_misspelt_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {
        "JOBFERRY_SERVICE_HOST": "10.3.0.7",
        "JOBFERRY_SERVICE_PORT": "8480",
        "JOBFERRY_API_SERVICE_PORT_HTTP": "8480",
        "JOBFERRY_API_PORT": "tcp://10.3.0.7:8480",
        "JOBFERRY_PORT_8480_TCP": "tcp://10.3.0.7:8480",
        "JOBFERRY_PORT_8480_TCP_ADDR": "10.3.0.7",
    }.items():
        monkeypatch.setenv(name, value)
    assert load_settings().port == 8480


def test_every_variable_that_we_name_anywhere_is_a_setting() -> None:
    """Also those of the tests: a process with another name of ours in its environment would not start."""
    root = Path(__file__).parents[3]
    files = (root / "README.md", root / "Makefile", *(root / "docs").rglob("*.md"))
    code = (file for folder in ("core", "adapters", "plugins", "tests") for file in (root / folder).rglob("*.py"))
    named: dict[str, Path] = {}
    for file in (*files, *code):
        if file != Path(__file__):
            for name in re.findall(rf"(?<![A-Z_]){PREFIX}([A-Z_]*[A-Z])\b", file.read_text(encoding="utf-8")):
                named[name.lower()] = file
    assert {name: file for name, file in named.items() if name not in Settings.model_fields} == {}


def test_every_setting_has_its_row_in_the_pages_of_operators() -> None:
    """In a row with `JOBFERRY_SMTP_HOST`, `..._PORT` is short for `JOBFERRY_SMTP_PORT`."""
    docs = Path(__file__).parents[3] / "docs"
    rows = [row for page in ("operators.md", "notifications.md") for row in (docs / page).read_text().splitlines()]
    named: set[str] = set()
    for row in rows:
        whole = re.findall(rf"{PREFIX}([A-Z_]*[A-Z])\b", row)
        short = re.findall(r"`\.\.\._([A-Z_]+)`", row)
        named |= {*whole, *(f"{first.split('_')[0]}_{rest}" for first in whole for rest in short)}
        named |= {f"{first}_{rest}" for first in whole for rest in short}
    assert {name for name in Settings.model_fields if name.upper() not in named} == set()


def test_another_file_is_read_in_the_place_of_the_usual_one(workplace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (workplace / "jobferry.toml").write_text('port = 1001\nhost = "0.0.0.0"\n')
    file = workplace / "west" / "settings.toml"
    file.parent.mkdir()
    file.write_text("port = 1004\n")
    settings = load_settings(file=file)
    assert (settings.port, settings.host, settings.file) == (1004, "127.0.0.1", file)
    monkeypatch.setenv("JOBFERRY_PORT", "1002")
    assert load_settings(file=file).port == 1002
    assert load_settings({"port": 1003}, file).port == 1003
    assert load_settings().file == workplace / "jobferry.toml"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, "cannot be read: No such file"),
        (b"prot = 1\n", r"prot is not a setting; did you mean port\? \(in .*west\.toml\)"),
        (b"port = \n", r"west\.toml is not readable TOML"),
        (b'host = "\xe9"\n', r"west\.toml is not UTF-8 text"),
    ],
)
def test_another_file_that_does_not_do_is_named(content: bytes | None, words: str, workplace: Path) -> None:
    file = workplace / "west.toml"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(OperatorMends, match=words) as caught:
        load_settings(file=file)
    assert str(file) in caught.value.fix
    with pytest.raises(OperatorMends, match="Is a directory"):
        load_settings(file=workplace)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "70000"),
        ("PORT", "web"),
        ("ALLOWED_NETWORKS", "10.0.0.0/8"),
        ("ALLOWED_NETWORKS", '["10.0.0.1/8"]'),
        ("RETRY_DELAYS", "[]"),
        ("RETRY_DELAYS", "[-1]"),
        ("MODE", "cloud"),
        ("LOG_LEVEL", "loud"),
        ("PUBLIC_URL", "example"),
        ("DATABASE_URL", "mysql://x"),
        ("WORKER_CONCURRENCY", "0"),
        ("RATE_LIMIT_PER_MINUTE", "-1"),
        ("EVENT_STREAMS_PER_TENANT", "201"),
        ("WAITING_REQUESTS_PER_TENANT", "201"),
        ("TRUSTED_PROXIES", "10.0.0.1"),
        ("OIDC_ISSUER", "login.example.com"),
        ("OIDC_ISSUER", "https://u:p@login.example.com"),
        ("OIDC_ISSUER", "https://login.example.com/?x=1"),
        ("OIDC_NAME", "x" * 61),
        ("KEEP_SENDS_DAYS", "-1"),
        ("KEEP_AUDIT_DAYS", "29"),
        ("KEEP_ATTEMPTS_DAYS", "x"),
        ("KEEP_COMPLETIONS_DAYS", "36501"),
        ("KEEP_DELIVERIES_DAYS", "0"),
        ("KEEP_IDEMPOTENCY_KEYS_DAYS", "0"),
    ],
)
def test_a_wrong_value_is_named(name: str, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(PREFIX + name, value)
    with pytest.raises(OperatorMends) as caught:
        load_settings()
    assert caught.value.code == "CONFIGURATION_INVALID"
    assert PREFIX + name in caught.value.message


def test_a_tenant_is_promised_no_more_connections_than_it_can_get() -> None:
    limits = Limits()
    assert limits.waiting_connections // 2 == MOST_WAITING_PER_TENANT
    assert limits.streams_per_owner <= MOST_WAITING_PER_TENANT
    assert limits.waits_per_owner <= MOST_WAITING_PER_TENANT


def test_what_is_kept_for_ever_and_for_how_long(monkeypatch: pytest.MonkeyPatch) -> None:
    assert load_settings().retention == RetentionPeriods(), "the same defaults at both places"
    monkeypatch.setenv("JOBFERRY_KEEP_AUDIT_DAYS", "0")
    monkeypatch.setenv("JOBFERRY_KEEP_ATTEMPTS_DAYS", "30")
    retention = load_settings().retention
    assert (retention.audit, retention.attempts) == (None, timedelta(days=30))


_WHOLE = {
    "PUBLIC_URL": "https://jobferry.example.com/",
    "OIDC_ISSUER": "https://login.example.com/one/",
    "OIDC_CLIENT_ID": "jobferry",
    "OIDC_CLIENT_SECRET": "hush",
}


def test_sign_in_with_a_provider_is_off_unless_it_is_set_up() -> None:
    assert open_identity(load_settings()) is None


def test_a_provider_is_called_by_its_host_unless_it_has_a_name(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in _WHOLE.items():
        monkeypatch.setenv(PREFIX + name, value)
    settings = load_settings()
    assert settings.oidc_issuer == "https://login.example.com/one/", "letter by letter"
    identity = open_identity(settings)
    assert identity
    assert identity.name == "login.example.com"
    monkeypatch.setenv("JOBFERRY_OIDC_NAME", "Cardinal ID")
    named = open_identity(load_settings())
    assert named
    assert named.name == "Cardinal ID"
    assert "hush" not in repr(settings)


@pytest.mark.parametrize("left_out", list(_WHOLE))
def test_a_provider_that_is_set_up_by_half_is_refused(left_out: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in _WHOLE.items():
        monkeypatch.setenv(PREFIX + name, "" if name == left_out else value)
    with pytest.raises(OperatorMends) as caught:
        load_settings()
    assert caught.value.code == "CONFIGURATION_INVALID"
    assert [error.pointer for error in caught.value.errors] == [PREFIX + left_out]
    assert "hush" not in caught.value.message


def test_a_client_secret_stands_in_one_place(workplace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in _WHOLE.items():
        monkeypatch.setenv(PREFIX + name, value)
    file = workplace / "client-secret"
    monkeypatch.setenv("JOBFERRY_OIDC_CLIENT_SECRET_FILE", str(file))
    with pytest.raises(OperatorMends, match="not both"):
        load_settings()
    monkeypatch.delenv("JOBFERRY_OIDC_CLIENT_SECRET")
    for content, words in ((None, "cannot be read"), (b" \n", "is empty"), (b"\xff", "cannot be read")):
        if content:
            file.write_bytes(content)
        with pytest.raises(OperatorMends, match=words):
            open_identity(load_settings())
    file.write_text("hush\n")
    assert open_identity(load_settings())


def test_a_broken_file_is_named(workplace: Path) -> None:
    (workplace / "jobferry.toml").write_text("port = \n")
    with pytest.raises(OperatorMends, match=r"jobferry\.toml is not readable TOML"):
        load_settings()


def test_secrets_are_in_no_repr_and_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JOBFERRY_DATABASE_URL", "postgresql://u:hush-hush@db/x")
    monkeypatch.setenv("JOBFERRY_ENCRYPTION_KEY", "hush-hush")
    assert "hush-hush" not in repr(load_settings()) + str(load_settings().model_dump())
    monkeypatch.setenv("JOBFERRY_PORT", "hush-hush")
    with pytest.raises(OperatorMends) as caught:
        load_settings()
    assert "hush-hush" not in str(caught.value) + str(caught.value.__cause__)


def test_the_log_masks_secrets_at_any_depth() -> None:
    event = {
        "event": "called postgresql://app:hush@db/x with jf_abcdefghij234567",
        "password": "hush",
        "headers": {"Authorization": "Bearer hush", "accept": "json"},
        "items": [{"client_secret": "hush"}],
        "job": "2600000000000513",
    }
    masked = mask_secrets(None, "info", event)
    assert "hush" not in str(masked)
    assert "jf_abc" not in str(masked)
    assert masked["headers"]["accept"] == "json"
    assert masked["job"] == "2600000000000513"


def test_secrets_in_tracebacks_and_in_lines_of_other_packages_are_masked(capsys: pytest.CaptureFixture[str]) -> None:
    before = logging.getLogger().handlers[:], logging.getLogger().level
    try:
        configure_log("info", "json")
        try:
            raise ValueError("postgresql://app:hush@db/x refused JF_ABCDEFGHIJ234567")
        except ValueError:
            structlog.get_logger().exception("request.failed", path="/hooks/servicetrade/acme.hush")
            logging.getLogger("another").exception("at https://app:hush@db/x")
        told = capsys.readouterr().err
    finally:
        logging.getLogger().handlers[:], level = before
        logging.getLogger().setLevel(level)
        structlog.reset_defaults()
    assert told.count("ValueError") >= 2
    assert "acme.***" in told
    assert "hush" not in told
    assert "JF_ABC" not in told


def test_loggers_that_write_bodies_stay_quiet_even_at_debug(capsys: pytest.CaptureFixture[str]) -> None:
    before = logging.getLogger().handlers[:], logging.getLogger().level
    try:
        configure_log("debug", "json")
        for name in ("zeep.transports", "aiohttp.client", "procrastinate.worker", "sqlalchemy.engine", "alembic"):
            logging.getLogger(name).info("a whole body")
        logging.getLogger("procrastinate").warning("stands out")
        structlog.get_logger().info("send.succeeded", authorization_id="hush", number="T104482")
        told = capsys.readouterr().err
    finally:
        logging.getLogger().handlers[:], level = before
        logging.getLogger().setLevel(level)
        structlog.reset_defaults()
    assert "a whole body" not in told
    assert "stands out" in told
    assert "T104482" in told
    assert "hush" not in told
