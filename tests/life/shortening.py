"""Shortens a failing life: act by act is left out as long as it still fails in the same way."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from tests.life.acts import Act

Fails = Callable[[Sequence[Act]], str]
"""The kind of failure of a life, '' for a good one."""


def shortened(life: Sequence[Act], fails: Fails) -> list[Act]:
    kind, best = fails(life), list(life)
    size = max(len(best) // 2, 1)
    while size:
        at = 0
        while at < len(best):
            shorter = best[:at] + best[at + size :]
            if shorter and fails(shorter) == kind:
                best = shorter
            else:
                at += size
        size //= 2
    return best
