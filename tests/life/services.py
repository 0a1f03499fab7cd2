"""Services among the items of a life: each has a description of its own, which every connection's table names."""

from __future__ import annotations

PREFIX = "service-"


def described(number: int, codes: int) -> str:
    """What stands in ServiceTrade; a service with another code is a renamed one."""
    return f"Piece <{number:03}> {'ABCDEFGHIJKLMNOPQRSTUVWXYZ'[codes % 26]}"


TASK_CODES = {
    described(number, codes): f"P{number:03}{letter}"
    for number in range(1, 26)
    for codes, letter in enumerate("ABCDEFGH")
}
"""As many as a table holds: later pieces, and those that are renamed often, have no task."""
