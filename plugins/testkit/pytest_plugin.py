"""The test kit's fixtures. The first fixture loads the kit, so that other tests do not wait for it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from plugins.testkit import SandboxSystems


def _of_kit(name: str, words: str) -> object:
    """Return a fixture that is the kit's function of this name."""

    def function() -> Callable[..., object]:
        from plugins import testkit  # noqa: PLC0415 - see above

        found: Callable[..., object] = getattr(testkit, name)
        return found

    function.__doc__ = words
    return pytest.fixture(name=name)(function)


make_job = _of_kit("make_job", '`make_job(office="West")`: a mapped job with some fields changed.')
make_item = _of_kit("make_item", '`make_item(type="fee", cost="65")`: an item of a job with some fields changed.')
make_connection = _of_kit(
    "make_connection", '`make_connection(leading_character="")`: a connection with some settings changed.'
)
load_job = _of_kit("load_job", "`load_job(Path(...))`: a job with its items from a file.")
preview = _of_kit("preview", "`preview(RULE, make_job(), config={...})`: what a send would write.")
send = _of_kit("send", "`send(RULE, make_job(), [make_item()])`: what Spectrum and the job hold afterwards.")
posted_lines = _of_kit(
    "posted_lines",
    '`posted_lines(PLUGIN, "T104482", config={...})`: the cost lines that the plugin reads in Spectrum.',
)


@pytest.fixture
def sandbox_systems() -> Iterator[SandboxSystems]:
    """The simulated ServiceTrade and Spectrum on sockets of this machine."""
    from plugins import testkit  # noqa: PLC0415 - see above

    with testkit.sandbox_systems() as systems:
        yield systems
