"""The samples work as they stand: the first send of docs/api.md, and the sample of every call."""

from __future__ import annotations

import asyncio
import os
import re
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from adapters.inbound.api.path_variables import example_path
from adapters.outbound.memory.rows import Rows
from tests.support.api_document import DOCUMENT
from tests.support.http_scene import JOB, Scene, api

PAGE = Path("docs/api.md").read_text(encoding="utf-8")
FIRST_SEND = PAGE[PAGE.index("## The first send") : PAGE.index("## If a call is refused")]
CALLS = [(method.upper(), path, one) for path, item in DOCUMENT["paths"].items() for method, one in item.items()]


def blocks(language: str) -> str:
    return "\n".join(re.findall(rf"```{language}\n(.*?)```", FIRST_SEND, re.DOTALL))


@asynccontextmanager
async def working() -> AsyncIterator[Scene]:
    """An API with a tenant, a connection and two jobs, and a worker that does at once what was stored."""
    async with api() as scene:
        await scene.furnish()
        feed, stored = scene.transactions.change_feed, asyncio.Event()
        tell = feed.committed

        def committed(before: Rows, after: Rows) -> None:
            tell(before, after)
            stored.set()

        async def work() -> None:
            while await stored.wait():
                stored.clear()
                await scene.work()

        feed.committed = committed  # type: ignore[method-assign]
        worker = asyncio.create_task(work())
        yield scene
        worker.cancel()


async def run(scene: Scene, folder: Path, *command: str) -> str:
    env = {**os.environ, "JF": scene.url, "JF_KEY": scene.key}
    env |= {"TENANT": "cardinal", "CONNECTION": "main", "JOB": str(JOB.number), "PYTHONWARNINGS": "ignore"}
    running = await asyncio.create_subprocess_exec(
        *command, cwd=folder, env=env, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    told, _ = await asyncio.wait_for(running.communicate(), 60)
    assert running.returncode == 0, told.decode()
    return told.decode()


async def test_the_first_send_of_the_page_sends_a_job_with_curl(tmp_path: Path) -> None:
    async with working() as scene:
        told = await run(scene, tmp_path, "bash", "-euo", "pipefail", "-c", blocks("bash"))
        assert " sent - Work order T104482 is in Spectrum" in told
        again = await run(scene, tmp_path, "bash", "-euo", "pipefail", "-c", blocks("bash"))
        assert len((await scene.call("GET", "/v1/tenants/cardinal/sends")).body["items"]) == 1, again


async def test_the_first_send_of_the_page_sends_a_job_in_python(tmp_path: Path) -> None:
    async with working() as scene:
        told = await run(scene, tmp_path, sys.executable, "-c", blocks("python"))
        assert "sent Work order T104482 is in Spectrum" in told


async def test_the_curl_sample_of_every_call_is_understood(tmp_path: Path) -> None:
    """Most name records that are not there; none may be refused for its form."""
    lines = [
        f"echo {one['operationId']} $({_source(one, 'curl')} -m 5 -o answer -w '%{{http_code}}') $(cat answer)"
        for _, _, one in CALLS
    ]
    async with working() as scene:
        told = await run(scene, tmp_path, "bash", "-c", "\n".join(lines))
    assert {line.split(" ", 1)[0] for line in told.splitlines()} >= {one["operationId"] for _, _, one in CALLS}
    wrong = [
        line for line in told.splitlines() if re.search(r" (000|400|401|403|405|415|428|431|500) |BAD_INPUT", line)
    ]
    assert not wrong


def test_the_python_sample_of_every_call_makes_the_same_call(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JF", "http://here")
    monkeypatch.setenv("JF_KEY", "jf_key")
    made: list[tuple[str, str, Any]] = []

    def answer(method: str) -> Any:
        def call(url: str, **given: Any) -> Any:
            made.append((method, url, given.get("json")))
            assert given["headers"]["Authorization"] == "Bearer jf_key"
            return SimpleNamespace(status_code=200, text="", raise_for_status=lambda: None)

        return call

    methods = {name: answer(name.upper()) for name in ("get", "post", "put", "patch", "delete")}
    monkeypatch.setitem(sys.modules, "requests", SimpleNamespace(**methods))
    for method, path, one in CALLS:
        exec(compile(_source(one, "Python"), one["operationId"], "exec"), {"print": lambda *_: None})
        did, url, body = made.pop()
        wanted = one.get("requestBody", {}).get("content", {}).get("application/json", {}).get("example")
        assert (did, url.partition("?")[0], body) == (method, "http://here" + example_path(path), wanted)


def test_the_client_sample_of_every_call_makes_the_same_call(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(Path("docs/client").resolve()))
    monkeypatch.setenv("JF", "http://here")
    monkeypatch.setenv("JF_KEY", "jf_key")
    made: list[tuple[str, str, Any]] = []

    def call(_: Any, method: str, path: str, **given: Any) -> Any:
        made.append((method, path, given.get("body")))

    client: Any = import_module("jobferry_client").Jobferry
    monkeypatch.setattr(client, "call", call)
    monkeypatch.setattr(client, "versioned", call)
    for method, path, one in CALLS:
        if one["operationId"] in ("follow_send", "export_tenant"):
            continue
        exec(compile(_source(one, "Python client"), one["operationId"], "exec"), {"print": lambda *_: None})
        wanted = one.get("requestBody", {}).get("content", {}).get("application/json", {}).get("example")
        assert made.pop() == (method, example_path(path), wanted), one["operationId"]


def _source(operation: dict[str, Any], label: str) -> str:
    return str(next(one["source"] for one in operation["x-codeSamples"] if one["label"] == label))
