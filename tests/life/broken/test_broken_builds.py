"""Lives that pass a broken build prove nothing: each fault that was ever found is put back, and something turns red.

Those whose test needs a database are looked at with `FAULTS=full` and by the command of `broken_builds`. That
the tests are green without the fault is seen where they run themselves.
"""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
import structlog

from tests.life.broken.broken_builds import BUILDS, Build, caught

pytestmark = pytest.mark.long

FULL = os.environ.get("FAULTS") == "full"
LIVES = 400 if FULL else 30
_SLOW = pytest.mark.skipif(not FULL, reason="needs a server of its own: FAULTS=full")


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    before = structlog.get_config()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    yield
    structlog.configure(**before)


@pytest.mark.parametrize("build", [pytest.param(one, id=one.name, marks=[_SLOW] if one.slow else []) for one in BUILDS])
def test_a_broken_build_is_caught(build: Build) -> None:
    where = (
        build.test or f"life {build.life} nor the first {LIVES}: look with python -m tests.life.broken.broken_builds"
    )
    assert caught(build, LIVES, whole=FULL), f"nothing turns red, neither {where}"


def test_there_are_enough_and_each_has_its_name() -> None:
    assert len({build.name for build in BUILDS}) == len(BUILDS) >= 26


@pytest.mark.parametrize("build", [pytest.param(one, id=one.name) for one in BUILDS if one.slow])
def test_the_place_of_a_fault_that_is_seldom_put_back_is_still_there(build: Build) -> None:
    with build.fault():
        pass
