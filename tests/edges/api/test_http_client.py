"""A client generated from the committed document sends a job."""

from __future__ import annotations

import importlib
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from docs.generate.openapi import FILE
from tests.support.http_scene import JOB, api


@pytest.fixture
def client(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """The generated package, importable while the test runs."""
    subprocess.run(
        [
            sys.executable,
            "-m",
            "openapi_python_client",
            "generate",
            "--path",
            str(FILE),
            "--meta",
            "none",
            "--output-path",
            str(tmp_path / "made_client"),
        ],
        check=True,
        capture_output=True,
        timeout=100,
        env={**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"},
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    yield importlib.import_module("made_client")
    for name in [name for name in sys.modules if name.split(".")[0] == "made_client"]:
        del sys.modules[name]


@pytest.mark.long
async def test_a_generated_client_previews_a_job_and_sends_it(client: Any) -> None:
    sends = importlib.import_module("made_client.api.sends.request_send")
    preview = importlib.import_module("made_client.api.jobs.preview_send")
    models = importlib.import_module("made_client.models")
    async with api() as scene:
        await scene.furnish()
        caller = client.AuthenticatedClient(base_url=scene.url, token=scene.key)
        async with caller:
            plan = await preview.asyncio("cardinal", JOB.id, client=caller, body=models.PreviewIn(connection="main"))
            assert (plan.sendable, plan.work_order_number) == (True, "T104482")
            body = models.SendIn(job_id=JOB.id, connection="main", plan_hash=plan.plan_hash)
            send = await sends.asyncio("cardinal", client=caller, body=body, idempotency_key="once")
        await scene.work()
        shown = (await scene.call("GET", f"/v1/tenants/cardinal/sends/{send.id}")).body
        assert shown["state"] == "sent"
