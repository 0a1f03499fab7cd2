"""What a plugin printed while it was asked for a plan: for its author, never part of the plan."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Printed:
    """`text` may have several lines."""

    rule: str
    text: str
