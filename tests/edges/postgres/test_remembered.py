"""What a worker keeps of stored rows: what was used last stays, however long ago it was read."""

from __future__ import annotations

from adapters.outbound.postgres.changes.remembered import Remembered


def test_what_is_used_stays_and_what_is_not_used_goes() -> None:
    kept: Remembered[str] = Remembered(most=2)
    kept.keep("used", "a")
    kept.keep("idle", "b")
    assert kept.get("used") == "a"
    kept.keep("new", "c")
    assert (kept.get("used"), kept.get("idle"), kept.get("new")) == ("a", None, "c")
