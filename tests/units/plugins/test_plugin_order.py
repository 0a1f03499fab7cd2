"""The order of a connection's plugins: kept, changed and left alone."""

from __future__ import annotations

import pytest

from core.model.connections.settings import PluginUse
from core.model.plugins.plugin import earlier, use_of, with_plugin, without_plugin

USES = (PluginUse("a"), PluginUse("b", {"x": 1}), PluginUse("c"))


def names(uses: tuple[PluginUse, ...]) -> str:
    return "".join(use.name for use in uses)


def test_a_plugin_keeps_its_place_and_a_new_one_comes_last() -> None:
    changed = with_plugin(USES, PluginUse("b", {"x": 2}))
    assert (names(changed), use_of(changed, "b")) == ("abc", PluginUse("b", {"x": 2}))
    assert names(with_plugin(USES, PluginUse("d"))) == "abcd"
    assert names(with_plugin(USES, PluginUse("c"), first=True)) == "cab"
    assert names(with_plugin(USES, PluginUse("d"), first=True)) == "dabc"


def test_what_is_taken_off_is_gone_and_what_was_not_there_changes_nothing() -> None:
    assert names(without_plugin(USES, "b")) == "ac"
    assert without_plugin(USES, "d") == USES
    assert use_of(USES, "d") is None


@pytest.mark.parametrize(("name", "then"), [("a", "abc"), ("b", "bac"), ("c", "acb"), ("d", "abc")])
def test_one_place_earlier(name: str, then: str) -> None:
    assert names(earlier(USES, name)) == then
