"""Commands that wait for a worker say once what it waits for."""

from __future__ import annotations

import pytest

from adapters.inbound.cli.views import following


async def test_each_trouble_is_told_once_until_the_work_has_ended(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(following, "_LOOK_SECONDS", 0)
    states = iter(["", "ServiceTrade is away.", "ServiceTrade is away.", "", "It has no time.", "ended", "not asked"])

    async def look() -> str:
        return next(states)

    assert await following.until_ended(look, lambda state: state != "ended", str) == "ended"
    told = [line for line in capsys.readouterr().err.splitlines() if "continues by itself" in line]
    assert [line.rpartition(": ")[2] for line in told] == ["ServiceTrade is away.", "It has no time."]
