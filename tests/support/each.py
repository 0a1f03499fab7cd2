"""One test for many small cases."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import TypeVar

_Value = TypeVar("_Value")


def for_each(
    values: Collection[_Value], name: Callable[[_Value], str]
) -> Callable[[Callable[[_Value], None]], Callable[[], None]]:
    """Run the test for each value, as one test. All that fail are told, each with its name; the first in full.

    In place of `parametrize` where cases are many and take a millisecond: pytest itself takes longer for each.
    """

    def decorate(test: Callable[[_Value], None]) -> Callable[[], None]:
        def run() -> None:
            assert values, "there is nothing to test"
            failed: dict[str, Exception] = {}
            for value in values:
                try:
                    test(value)
                except Exception as error:
                    failed[name(value)] = error
            if failed:
                told = [f"{one}: {next(iter(str(error).splitlines()), repr(error))}" for one, error in failed.items()]
                first = next(iter(failed.values()))
                raise AssertionError("\n".join([f"{len(failed)} of {len(values)} cases fail:", *told])) from first

        run.__name__, run.__doc__ = test.__name__, test.__doc__
        return run

    return decorate
