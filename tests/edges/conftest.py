"""What several tests of the edges stand on."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.cli_scene import Shell, world_beside


@pytest.fixture(scope="module")
def shell(tmp_path_factory: pytest.TempPathFactory, database_of_module: str) -> Iterator[Shell]:
    """An initialised installation with one tenant and one connection. Its database is on the server of the tests, or
    each command would start and stop one."""
    with world_beside() as world:
        shell = Shell(tmp_path_factory.mktemp("jobferry"), world, database_of_module)
        shell.furnish()
        yield shell
