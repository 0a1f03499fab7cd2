"""Forms from a plugin's JSON Schema: every kind of setting, there and back, and defaults that stay defaults."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Literal

import pytest
from pydantic import BaseModel, Field

from adapters.inbound.console.plugin_forms import config_of, fields_of
from plugins.built_in import OFFERED


class Inner(BaseModel):
    names: list[str] = Field(default_factory=list, description="Names of things.")


class Settings(BaseModel):
    letter: str = Field(description="One letter.")
    mode: Literal["a", "b"] = "a"
    maybe: str | None = None
    count: int = 3
    share: Decimal = Decimal("0.5")
    loud: bool = False
    quick: bool = True
    codes: dict[str, str] = Field(default_factory=dict)
    inner: Inner = Field(default_factory=Inner)
    strange: dict[str, list[int]] = Field(default_factory=dict)


SCHEMA = Settings.model_json_schema()
CONFIG: dict[str, Any] = {
    "letter": "W",
    "mode": "b",
    "maybe": "x",
    "count": 4,
    "loud": True,
    "quick": False,
    "codes": {"West": "W1", "East": "E=2"},
    "inner": {"names": ["one", "two"]},
    "strange": {"a": [1, 2]},
}


def filled(config: dict[str, Any]) -> dict[str, str]:
    """The form as a browser sends it: a box that is not ticked is not sent."""
    return {field.name: field.value for field in fields_of(SCHEMA, config) if field.kind != "check" or field.value}


def test_every_kind_of_setting_has_its_input() -> None:
    fields = {field.name: field for field in fields_of(SCHEMA, {})}
    assert {name: field.kind for name, field in fields.items()} == {
        "letter": "text",
        "mode": "choice",
        "maybe": "text",
        "count": "number",
        "share": "json",
        "loud": "check",
        "quick": "check",
        "codes": "pairs",
        "inner.names": "lines",
        "strange": "json",
    }
    assert fields["letter"].required
    assert fields["letter"].help == "One letter."
    assert fields["mode"].options == {"a": "a", "b": "b"}
    assert "If empty: 3." in fields["count"].help
    assert fields["inner.names"].group == "Inner"
    assert (fields["loud"].value, fields["quick"].value) == ("", "on")


def test_what_was_saved_comes_back_as_it_was() -> None:
    assert config_of(SCHEMA, filled(CONFIG)) == CONFIG
    assert Settings.model_validate(CONFIG)


def test_what_is_left_alone_stays_a_default() -> None:
    assert config_of(SCHEMA, filled({})) == {}
    assert config_of(SCHEMA, filled({"letter": "W"})) == {"letter": "W"}


def test_what_is_no_number_is_left_to_the_plugins_model() -> None:
    assert config_of(SCHEMA, {"count": "many", "strange": "{", "quick": "on"}) == {"count": "many", "strange": "{"}


@pytest.mark.parametrize("plugin", OFFERED, ids=lambda one: one.__name__.rpartition(".")[2])
def test_every_offered_rule_has_a_form_without_json(plugin: Any) -> None:
    fields = fields_of(plugin.config_model().model_json_schema(), {})
    assert fields
    assert all((field.kind != "json" and field.help) or field.kind == "check" for field in fields)
