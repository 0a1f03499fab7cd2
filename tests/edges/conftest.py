"""What several tests of the edges stand on."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.cli_scene import Shell, world_beside


@pytest.fixture(scope="module")
def shell(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shell]:
    """An initialised installation with one tenant and one connection."""
    with world_beside() as world:
        shell = Shell(tmp_path_factory.mktemp("jobferry"), world)
        for ended in (shell("init"), shell.add_tenant(), shell.add_connection()):
            assert ended.code == 0, ended.told
        yield shell
