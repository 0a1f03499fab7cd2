"""A Prometheus with the samples' rules watches a running installation: the board has its answers, a calm time fires
nothing, and a process that goes away is told."""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import yaml

pytestmark = pytest.mark.long

DEPLOY = Path(__file__).parents[3] / "docs" / "deploy"
COMMAND = (sys.executable, "-m", "adapters.bootstrap")
PATIENCE = 60.0
CALM_SECONDS = 12.0
QUICK = "8s"
"""In the place of the minutes for which a rule's condition has to hold."""


def environment(folder: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("JOBFERRY_")}
    return kept | {"PYTHONPATH": str(Path(__file__).parents[3]), "JOBFERRY_DATA_DIR": str(folder)}


@contextmanager
def running(*command: str, cwd: Path) -> Iterator[subprocess.Popen[str]]:
    with (
        (cwd / "log").open("a") as log,
        subprocess.Popen(command, cwd=cwd, env=environment(cwd), stdout=subprocess.PIPE, stderr=log, text=True) as one,
    ):
        try:
            yield one
        finally:
            one.terminate()


def answer_of(address: str) -> Any:
    with urllib.request.urlopen(address, timeout=10) as answer:
        return answer.read().decode()


@contextmanager
def prometheus(folder: Path, target: str) -> Iterator[str]:
    """It scrapes every second; the rules hold after seconds, not minutes."""
    program = shutil.which("prometheus")
    if program is None:
        if os.environ.get("CI"):
            pytest.fail("CI has to have prometheus")
        pytest.skip("LEFT OUT: the test with Prometheus: apt-get install prometheus")
    rules = yaml.safe_load((DEPLOY / "alerts.yaml").read_text())
    for rule in rules["groups"][0]["rules"]:
        rule["for"] = QUICK
    (folder / "alerts.yaml").write_text(json.dumps(rules))
    config = yaml.safe_load((DEPLOY / "prometheus.yml").read_text())
    config["global"] = {"scrape_interval": "1s", "evaluation_interval": "1s"}
    [job] = config["scrape_configs"]
    del job["authorization"]
    job["static_configs"] = [{"targets": [target]}]
    (folder / "prometheus.yml").write_text(json.dumps(config))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    place = f"127.0.0.1:{port}"
    options = ("--config.file=prometheus.yml", "--storage.tsdb.path=tsdb", f"--web.listen-address={place}")
    with running(program, *options, cwd=folder):
        yield f"http://{place}"


def asked(prometheus_url: str, query: str) -> list[Any]:
    found = json.loads(answer_of(f"{prometheus_url}/api/v1/query?{urllib.parse.urlencode({'query': query})}"))
    return list(found["data"]["result"])


def firing(prometheus_url: str) -> set[str]:
    alerts = json.loads(answer_of(f"{prometheus_url}/api/v1/alerts"))["data"]["alerts"]
    return {one["labels"]["alertname"] for one in alerts if one["state"] == "firing"}


def until(holds: Any) -> None:
    give_up = time.monotonic() + PATIENCE
    while True:
        try:
            if holds():
                return
        except (OSError, IndexError):  # it does not listen yet, or has scraped nothing
            pass
        assert time.monotonic() < give_up
        time.sleep(0.2)  # Prometheus tells nobody


def test_a_real_prometheus_finds_what_it_asks_for_and_fires_only_for_a_cause(tmp_path: Path) -> None:
    init = [*COMMAND, "init", "--json"]
    key = json.loads(subprocess.check_output(init, cwd=tmp_path, env=environment(tmp_path)))["operator_key"]
    board = json.loads((DEPLOY / "grafana.json").read_text())
    queries = [
        target["expr"].replace("$__rate_interval", "10s") for one in board["panels"] for target in one["targets"]
    ]
    assert len(queries) > 15
    with running(*COMMAND, "serve", "--port", "0", cwd=tmp_path) as serve:
        assert serve.stdout
        address = serve.stdout.readline().split()[-1]
        with prometheus(tmp_path, address.removeprefix("http://")) as url:
            until(lambda: asked(url, "up")[0]["value"][1] == "1")
            calm_until = time.monotonic() + CALM_SECONDS
            while time.monotonic() < calm_until:
                asking = urllib.request.Request(f"{address}/v1/tenants", headers={"Authorization": f"Bearer {key}"})
                answer_of(asking)  # type: ignore[arg-type]
                time.sleep(0.15)  # below the rate limit
            assert firing(url) == set()
            unanswered = [one for one in queries if not asked(url, one)]
            assert unanswered == []
            values = {one: [found["value"][1] for found in asked(url, one)] for one in queries}
            assert not [one for one, found in values.items() if set(found) == {"NaN"}]
            names = set(re.findall(r"jobferry_\w+", " ".join(queries)))
            assert all(asked(url, f"count({name})") for name in names)
            serve.terminate()
            until(lambda: "JobferryDown" in firing(url))
