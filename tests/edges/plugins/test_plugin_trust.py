"""Trust: given to a file or a distribution, which the operator can check, and not to the name a plugin gives itself."""

from __future__ import annotations

from pathlib import Path

import pytest

from plugins.catalog import Catalog, load_catalog
from plugins.discovery import sources, trust_name
from plugins.in_process import InProcess
from tests.support.plugin_scene import HEAD, plugins_in


def in_our_process(catalog: Catalog) -> set[str]:
    return {one.name for one in catalog.available if isinstance(one, InProcess)}


async def test_a_file_that_calls_itself_by_a_trusted_name_is_not_trusted(tmp_path: Path) -> None:
    async with plugins_in(tmp_path, {"stranger": ""}) as catalog:
        assert [one.name for one in catalog.available] == ["stranger"]
    (tmp_path / "stranger.py").write_text(HEAD.format(name="near"))
    catalog = await load_catalog(sources(tmp_path), trusted=["near"])
    try:
        assert [one.name for one in catalog.available] == ["near"]
        assert in_our_process(catalog) == set()
        [problem] = [one for one in catalog.problems if one.source == "trusted_plugins"]
        assert "near" in problem.message
        assert "stranger.py" in problem.fix, "the operator is told what to write if this file is meant"
    finally:
        await catalog.close()


async def test_a_file_is_trusted_by_its_name_whatever_it_calls_itself(tmp_path: Path) -> None:
    (tmp_path / "near.py").write_text(HEAD.format(name="something-else"))
    (tmp_path / "far.py").write_text(HEAD.format(name="near-py"))
    (tmp_path / "broken.py").write_text("import no_such_module\n")
    catalog = await load_catalog(sources(tmp_path), trusted=["near.py", "broken.py", "gone.py", ""])
    try:
        assert in_our_process(catalog) == {"something-else"}
        told = [one.message for one in catalog.problems if one.source == "trusted_plugins"]
        assert ["gone.py" in one for one in told] == [True], "a broken one has its own problem"
    finally:
        await catalog.close()


@pytest.mark.parametrize(("written", "trusted"), [("Acme_Rules", True), ("acme-rules.py", False), ("acme", False)])
async def test_a_distribution_is_trusted_by_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, written: str, trusted: bool
) -> None:
    info = tmp_path / "acme_rules_of_a_test-2.0.dist-info"
    info.mkdir()
    (tmp_path / "acme_rules_of_a_test.py").write_text(HEAD.format(name="acme"))
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: acme.rules\nVersion: 2.0\n")
    (info / "entry_points.txt").write_text("[jobferry]\nacme = acme_rules_of_a_test\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    catalog = await load_catalog(sources(), trusted=[written])
    try:
        assert in_our_process(catalog) == ({"acme"} if trusted else set())
    finally:
        await catalog.close()


def test_no_distribution_has_the_name_of_a_file() -> None:
    assert trust_name("near.py") == "near.py" != trust_name("near-py")
