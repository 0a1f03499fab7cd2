"""Names that people typed in two systems: `West Office` and ` west  office` are the same."""

from __future__ import annotations

from collections.abc import Mapping


def plain_name(text: str | None) -> str:
    return " ".join((text or "").split()).casefold()


def looked_up(names: Mapping[str, str], name: str | None) -> str | None:
    """What `names` says of a name, None if it does not."""
    wanted = plain_name(name)
    return next((value for key, value in names.items() if plain_name(key) == wanted), None) if wanted else None
