"""The samples for operators: each is checked by the program that it is for, and names only what the product has."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from adapters.bootstrap.settings import PREFIX, Settings
from adapters.inbound.server.limits import LIMITS
from adapters.inbound.server.listener import ConnectionLimiter
from adapters.inbound.server.load import Load
from adapters.inbound.server.metrics import Metrics
from core.model.operations.job_counts import Waiting
from core.model.operations.stats import InstallationStats
from core.services.operations.collect_stats import QueueReport

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "docs" / "deploy"
RULES: list[dict[str, Any]] = yaml.safe_load((DEPLOY / "alerts.yaml").read_text())["groups"][0]["rules"]
BOARD = json.loads((DEPLOY / "grafana.json").read_text())
QUERIES = [target["expr"].replace("$__rate_interval", "5m") for one in BOARD["panels"] for target in one["targets"]]
CALM = "0x120"


def needed(program: str) -> str:
    found = shutil.which(program) or shutil.which(program, path="/usr/sbin")
    if found is None:
        if os.environ.get("CI"):
            pytest.fail(f"CI has to have {program}")
        pytest.skip(f"this machine has no {program}")
    return found


def run(*command: str | Path, cwd: Path = DEPLOY, **environment: str) -> str:
    done = subprocess.run(
        list(map(str, command)),
        cwd=cwd,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


async def scraped() -> str:
    """What a process of the product tells, with some requests answered."""

    async def census() -> QueueReport:
        none: dict[Any, int] = dict.fromkeys(Waiting, 0)
        stats = InstallationStats(
            sends={},
            jobs=none,
            attention=0,
            new_records=0,
            unclear_annotations=0,
            oldest_due=None,
            doubts=0,
            connections=0,
            held=0,
            paused=0,
            workers=0,
        )
        return QueueReport(stats, 0.0)

    load = Load(1, 1, lambda: 0.0)
    metrics = Metrics(ConnectionLimiter(LIMITS), load, census, lambda: 0.0, lambda: 0)  # type: ignore[arg-type]
    metrics._requests.labels("livez", "200").inc()
    metrics._durations.labels("livez").observe(0.01)
    return (await metrics.text()).decode()


def samples(text: str) -> list[str]:
    return [line.rpartition(" ")[0] for line in text.splitlines() if line and not line.startswith("#")]


async def test_alerts_and_board_ask_only_for_metrics_that_the_product_has() -> None:
    known = {one.partition("{")[0] for one in samples(await scraped())}
    asked = {
        name for text in (*(rule["expr"] for rule in RULES), *QUERIES) for name in re.findall(r"jobferry_\w+", text)
    }
    assert asked <= known
    assert len(asked) > 12


def series(name: str, values: str) -> dict[str, str]:
    return {"series": name, "values": values}


def tripped() -> dict[str, list[dict[str, str]]]:
    """For each alert what a scrape tells in the two hours in which it must fire, at one sample a minute."""
    requests, refused = "jobferry_http_requests_total", "jobferry_http_connections_refused_total"
    bucket = 'jobferry_http_request_seconds_bucket{{route="home",le="{}"}}'
    return {
        "JobferryDown": [series('up{job="jobferry"}', CALM)],
        "JobferryDatabaseDown": [series("jobferry_database_up", CALM)],
        "JobferryNoWorker": [series("jobferry_workers_alive", CALM)],
        "JobferryQueueLate": [series("jobferry_queue_age_seconds", "901x120")],
        "JobferryItemsToCheck": [series("jobferry_doubts", "1x120")],
        "JobferryNewRecordsToCheck": [series("jobferry_new_records_for_people", "1x120")],
        "JobferryAnnotationsToCheck": [series("jobferry_unclear_annotations", "1x120")],
        "JobferryManyJobsForPeople": [series("jobferry_jobs_for_people", "5x60 26x60")],
        "JobferryConnectionsHeld": [
            series("jobferry_connections", "10x120"),
            series("jobferry_connections_held", "3x120"),
        ],
        "JobferrySpectrumSilent": [series("jobferry_endpoints_silent", "1x120")],
        "JobferryErrors": [
            series(requests + '{status="200"}', "0+90x120"),
            series(requests + '{status="500"}', "0+10x120"),
            series("jobferry_http_requests_shed_total", CALM),
        ],
        "JobferrySlow": [
            series(bucket.format("2.5"), "0+90x120"),
            series(bucket.format("5.0"), "0+100x120"),
            series(bucket.format("+Inf"), "0+100x120"),
        ],
        "JobferryConnectionsRefused": [series(refused, "0+1x120")],
        "JobferryOverloaded": [series("jobferry_http_requests_shed_total", "0+120x120")],
    }


def calm() -> list[dict[str, str]]:
    """An installation at work in which nothing is wrong."""
    bucket = 'jobferry_http_request_seconds_bucket{{route="home",le="{}"}}'
    return [
        series('up{job="jobferry"}', "1x120"),
        series("jobferry_database_up", "1x120"),
        series("jobferry_workers_alive", "2x120"),
        series("jobferry_queue_age_seconds", "0x20 30x100"),
        series("jobferry_doubts", "0x30 1x60 0x30"),
        series("jobferry_new_records_for_people", "0x30 1x60 0x30"),
        series("jobferry_unclear_annotations", "0x30 1x60 0x30"),
        series("jobferry_jobs_for_people", "0+0.3x120"),
        series("jobferry_connections", "10x120"),
        series("jobferry_connections_held", "0x50 1x70"),
        series("jobferry_endpoints_silent", "0x50 1x20 0x50"),
        series('jobferry_http_requests_total{status="200"}', "0+1000x120"),
        series('jobferry_http_requests_total{status="500"}', "0+1x120"),
        *(series(bucket.format(le), "0+1000x120") for le in ("0.25", "2.5", "+Inf")),
        series("jobferry_http_connections_refused_total", CALM),
        series("jobferry_http_requests_shed_total", "0x60 3x60"),
    ]


def check_rules(tmp_path: Path, rules: Path, tests: list[dict[str, Any]]) -> None:
    file = tmp_path / "tests.yaml"
    file.write_text(json.dumps({"rule_files": [str(rules)], "evaluation_interval": "1m", "tests": tests}))
    run(needed("promtool"), "test", "rules", file)


def expects(name: str, at: str, *, fires: bool) -> dict[str, Any]:
    rule = next(one for one in RULES if one["alert"] == name)
    labels = rule["labels"] | ({"job": "jobferry"} if name == "JobferryDown" else {})
    fired = [{"exp_labels": labels, "exp_annotations": rule["annotations"]}]
    return {"eval_time": at, "alertname": name, "exp_alerts": fired if fires else []}


@pytest.mark.long
def test_each_alert_fires_for_its_cause_and_none_in_a_calm_time(tmp_path: Path) -> None:
    assert tripped().keys() == {rule["alert"] for rule in RULES}
    tests: list[dict[str, Any]] = [
        {"interval": "1m", "input_series": told, "alert_rule_test": [expects(name, "2h", fires=True)]}
        for name, told in tripped().items()
        if name != "JobferryManyJobsForPeople"
    ]
    many = tripped()["JobferryManyJobsForPeople"]
    tests.append(
        {
            "interval": "1m",
            "input_series": many,
            "alert_rule_test": [expects("JobferryManyJobsForPeople", "90m", fires=True)],
        }
    )
    never = [expects(name, f"{minutes}m", fires=False) for name in tripped() for minutes in range(0, 121, 5)]
    tests.append({"interval": "1m", "input_series": calm(), "alert_rule_test": never})
    check_rules(tmp_path, DEPLOY / "alerts.yaml", tests)


async def test_the_board_shows_what_waits_for_people_and_each_of_it_has_an_alert() -> None:
    waiting = {one.partition("{")[0] for one in samples(await scraped())} & {
        "jobferry_jobs_for_people",
        "jobferry_doubts",
        "jobferry_new_records_for_people",
    }
    assert len(waiting) == 3
    for name in waiting:
        assert any(name in query for query in QUERIES), f"no panel for {name}"
        assert any(name in rule["expr"] for rule in RULES), f"no alert for {name}"


async def test_every_query_of_the_board_has_an_answer(tmp_path: Path) -> None:
    needed("promtool")
    rules = tmp_path / "queries.yaml"
    alerts = [{"alert": f"Q{number}", "expr": f"count({query}) > 0"} for number, query in enumerate(QUERIES)]
    rules.write_text(json.dumps({"groups": [{"name": "queries", "rules": alerts}]}))
    told = [series(name, "0+1x60") for name in samples(await scraped())]
    answered = [
        {"eval_time": "30m", "alertname": one["alert"], "exp_alerts": [{"exp_labels": {}, "exp_annotations": {}}]}
        for one in alerts
    ]
    check_rules(tmp_path, rules, [{"interval": "1m", "input_series": told, "alert_rule_test": answered}])


def test_each_alert_has_a_part_of_the_page_that_says_what_to_do() -> None:
    page = (DEPLOY / "README.md").read_text()
    titles = re.findall(r"^### (\w+)$", page, re.MULTILINE)
    assert titles == [rule["alert"] for rule in RULES]
    assert [rule["annotations"]["runbook"] for rule in RULES] == [
        f"docs/deploy/README.md#{name.lower()}" for name in titles
    ]


def test_the_configuration_of_prometheus_is_one(tmp_path: Path) -> None:
    promtool = needed("promtool")
    for name in ("prometheus.yml", "prometheus.compose.yml", "alerts.yaml"):
        shutil.copy(DEPLOY / name, tmp_path)
    (tmp_path / "operator.key").write_text("jf_...")
    for name in ("prometheus.yml", "prometheus.compose.yml"):
        run(promtool, "check", "config", name, cwd=tmp_path)


def test_prometheus_beside_the_compose_file_finds_each_container_of_ours() -> None:
    [scraped] = yaml.safe_load((DEPLOY / "prometheus.compose.yml").read_text())["scrape_configs"]
    assert scraped["job_name"] == "jobferry", "an alert names it"
    [discovery] = scraped["dns_sd_configs"]
    compose = yaml.safe_load((DEPLOY / "compose.yaml").read_text())["services"]
    lasting = [name for name, one in compose.items() if one["image"] == "jobferry" and one["restart"] == "always"]
    assert discovery["names"] == lasting
    container = (DEPLOY / "Containerfile").read_text()
    assert f"JOBFERRY_WORKER_PORT={discovery['port']}" in container
    assert f"EXPOSE {discovery['port']}" in container
    mounted = {volume.split(":")[0].removeprefix("./") for volume in compose["prometheus"]["volumes"]}
    assert mounted == {"prometheus.compose.yml", "alerts.yaml", "operator.key"}


def test_each_container_is_checked_also_where_the_format_of_its_image_has_no_health_check() -> None:
    container = re.sub(r"\\\n", " ", (DEPLOY / "Containerfile").read_text())
    [command] = re.findall(r"^HEALTHCHECK .*CMD (\[.*\])$", container, re.MULTILINE)
    compose = yaml.safe_load((DEPLOY / "compose.yaml").read_text())["services"]
    for name in ("serve", "worker"):
        assert compose[name]["healthcheck"]["test"] == ["CMD", *json.loads(command)]
    builds = re.findall(r"podman build.*", container + (ROOT / "docs" / "install.md").read_text())
    assert len(builds) == 2
    assert all("--format docker" in one for one in builds)


def test_systemd_knows_every_line_of_the_units(tmp_path: Path) -> None:
    analyze = needed("systemd-analyze")
    for unit in DEPLOY.glob("*.service"):
        # The program is not installed where the tests run.
        text = unit.read_text().replace("/opt/jobferry/bin/jobferry", "/bin/true")
        (tmp_path / unit.name).write_text(text)
    run(analyze, "verify", "--man=no", *tmp_path.glob("*.service"))


@pytest.mark.long
def test_the_proxies_know_every_line_of_their_files(tmp_path: Path) -> None:
    caddy = run(
        *(needed("caddy"), "validate", "--adapter", "caddyfile", "--config", "Caddyfile"),
        SITE_ADDRESS="jobferry.example.com",
        HOME=str(tmp_path),
    )
    assert caddy is not None
    nginx = needed("nginx")
    for name in ("jobferry.crt", "jobferry.key"):
        (tmp_path / name).touch()
    make = ("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=x", "-days", "1")
    run(*make, "-keyout", "jobferry.key", "-out", "jobferry.crt", cwd=tmp_path)
    site = (DEPLOY / "nginx.conf").read_text().replace("/etc/nginx/", f"{tmp_path}/")
    assert site.count("access_log /var/log/nginx/access.log combined if=") == site.count("    listen "), (
        "not of addresses that hold a secret"
    )
    site = site.replace("/var/log/nginx/", f"{tmp_path}/")
    whole = f"pid {tmp_path}/pid; error_log stderr; events {{}} http {{ access_log off; {site} }}"
    (tmp_path / "nginx.conf").write_text(whole)
    run(nginx, "-t", "-p", tmp_path, "-c", tmp_path / "nginx.conf")


def test_the_settings_that_the_samples_and_the_install_page_set_exist() -> None:
    files = [ROOT / "docs" / "install.md", *(one for one in DEPLOY.iterdir() if one.suffix != ".md")]
    text = "".join(one.read_text() for one in files)
    named = {name.removeprefix(PREFIX).lower() for name in re.findall(rf"{PREFIX}[A-Z_]+", text)}
    assert named <= Settings.model_fields.keys()
    assert len(named) > 8


def test_the_image_is_made_of_the_release_folder_and_runs_as_its_own_user() -> None:
    lines = (DEPLOY / "Containerfile").read_text().splitlines()
    copied = [line for line in lines if line.startswith("COPY ") and "--from" not in line]
    assert copied == ["COPY jobferry-*.whl jobferry-*.lock ./"]
    assert "USER 10001:10001" in lines
    services = yaml.safe_load((DEPLOY / "compose.yaml").read_text())["services"]
    ours = [one for one in services.values() if one["image"] == "jobferry"]
    assert [one["command"] for one in ours] == [["init"], ["serve", "--no-worker"], ["worker"]]
    assert all(one["read_only"] and one["cap_drop"] == ["ALL"] for one in ours)
    assert all(one["build"] == {"context": "..", "dockerfile": "deploy/Containerfile"} for one in ours)


def test_the_command_of_root_is_a_script_of_every_shell() -> None:
    run("sh", "-n", "jobferry.sh")
    assert os.access(DEPLOY / "jobferry.sh", os.X_OK)


def test_make_makes_the_release_folder_also_in_a_folder_with_a_blank_in_its_name(tmp_path: Path) -> None:
    folder = tmp_path / "my jobferry"
    (folder / ".venv").mkdir(parents=True)
    for name in ("Makefile", "pyproject.toml", "requirements.lock"):
        shutil.copyfile(ROOT / name, folder / name)
    (folder / ".venv" / ".installed").touch()
    said = subprocess.run(["make", "--dry-run", "release"], cwd=folder, capture_output=True, text=True, check=True)
    [called] = [line for line in said.stdout.splitlines() if line.startswith(".ci/release ")]
    assert shlex.split(called) == [".ci/release", f"{folder}/.venv/bin/python", "dist"]
