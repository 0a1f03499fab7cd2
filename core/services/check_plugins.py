"""Look at a connection's plugins before they are saved: they must be there, and their configuration as they want it."""

from __future__ import annotations

from collections.abc import Sequence

from core.model.connection import PluginUse
from core.model.errors import BadInput, FieldError
from ports.rules import Rules


async def check_plugins(rules: Rules, uses: Sequence[PluginUse]) -> None:
    """Raises BadInput (PLUGINS_INVALID), pointing at every wrong name and field."""
    known = {card.name: card for card in rules.installed()}
    errors: list[FieldError] = []
    for place, use in enumerate(uses):
        here = f"/plugins/{place}"
        card = known.get(use.name)
        if card is None:
            errors.append(FieldError(f"{here}/name", f"{use.name} is not installed here"))
        elif card.built_in:
            errors.append(FieldError(f"{here}/name", f"{use.name} is built in and runs anyway"))
        elif use.name in [other.name for other in uses[:place]]:
            errors.append(FieldError(f"{here}/name", f"{use.name} is named twice"))
        else:
            for error in await rules.check_config(use.name, use.config):
                errors.append(FieldError(f"{here}/config{error.pointer}", error.detail))
    if errors:
        raise BadInput(
            f"The plugins are not as needed: {'; '.join(f'{one.pointer}: {one.detail}' for one in errors)}.",
            code="PLUGINS_INVALID",
            fix="See what is installed and what each takes: jobferry plugins list.",
            errors=errors,
        )
