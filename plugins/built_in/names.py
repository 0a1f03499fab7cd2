"""Compares names that people typed in two systems: `West Office` equals ` west  office`, however accents are stored."""

from __future__ import annotations

from collections.abc import Mapping

from core.model.shared.text import composed


def plain_name(text: str | None) -> str:
    return composed(" ".join((text or "").split())).casefold()


def looked_up(names: Mapping[str, str], name: str | None) -> str | None:
    """Return the entry of `names` for a name, or None."""
    wanted = plain_name(name)
    return next((value for key, value in names.items() if plain_name(key) == wanted), None) if wanted else None
