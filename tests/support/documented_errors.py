"""Every error that a test sees is one that the document names for its call."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import Any

from adapters.inbound.api.document.error_codes import codes_of
from adapters.inbound.api.routes import ROUTES, Mark, Route

OF_THE_COMMAND_LINE = re.compile(r"jobferry [a-z]+|(?<![\w-])--[a-z]|\bcommands?\b|JOBFERRY_[A-Z]")
"""What a caller of the API cannot use."""


def require_documented(method: str, path: str, problem: Mapping[str, Any]) -> None:
    """Raises AssertionError for an error that the call's part of the document does not name, or whose words are for
    somebody at the command line."""
    status, code = problem["status"], problem["code"]
    assert not OF_THE_COMMAND_LINE.search(f"{problem['detail']} {problem['fix']}"), problem
    route = _route(method, path.partition("?")[0])
    if route is not None and code != "ROUTE_NOT_FOUND":
        assert code in codes_of(route).get(status, ()), (
            f"{route.name} answered {status} {code}: name it in adapters/inbound/api/document/error_codes.py"
        )


def require_place_to_ask(method: str, path: str) -> None:
    """Raises AssertionError for a call that asked ServiceTrade without a place among those that wait for it."""
    route = _route(method, path.partition("?")[0])
    assert route is None or Mark.REMOTE in route.marks, f"{route.name} asks ServiceTrade: give its route Mark.REMOTE"


@cache
def _patterns() -> list[tuple[re.Pattern[str], Route]]:
    """Fixed addresses come before those with variables."""
    routes = sorted(ROUTES, key=lambda route: route.path.count("{"))
    return [(re.compile(re.sub(r"{\w+}", "[^/]+", route.path)), route) for route in routes]


def _route(method: str, path: str) -> Route | None:
    wanted = "GET" if method == "HEAD" else method
    found = (route for pattern, route in _patterns() if route.method == wanted and pattern.fullmatch(path))
    return next(found, None)
