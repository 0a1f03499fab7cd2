"""Carries a call to Jobferry and its answer back: over the standard library, one connection a call.

A call that may be made twice without harm is repeated until `patience` is over: reads, and calls with an
Idempotency-Key, which each call that makes something gets by itself. All others are repeated only if they cannot have
begun: no connection, or too many requests.
"""

from __future__ import annotations

import http.client
import json
import math
import random
import re
import ssl
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Generic, NamedTuple, TypeVar
from urllib.parse import quote, urlencode, urlsplit

from .problems import AnswerLost, JobferryError, NotJobferry, Problem, Unreachable, problem_of

Item = TypeVar("Item")
Body = TypeVar("Body")
_REPEATABLE = ("GET", "PUT")
_FROM_A_PROXY = (502, 503, 504)
"""What a proxy in between answers while it has no answer of Jobferry, such as during a restart."""
_FIRST_PAUSE, _LONGEST_PAUSE = 0.5, 8.0


class Versioned(NamedTuple, Generic[Body]):
    """An answer with its version: give `etag` as `if_match` to change what you have seen."""

    body: Body
    etag: str


@dataclass(frozen=True)
class Answer:
    """What came back, for `told`. `replayed`: the answer of an earlier request with the same key."""

    method: str
    path: str
    status: int
    headers: Mapping[str, str]
    tries: int

    @property
    def replayed(self) -> bool:
        return self.headers.get("idempotent-replayed") == "true"


@dataclass(frozen=True)
class _Request:
    method: str
    path: str
    body: bytes | None
    headers: Mapping[str, str]
    seconds: float
    key: str | None

    @property
    def repeatable(self) -> bool:
        return self.method in _REPEATABLE or self.key is not None


class Transport:
    """`url` is the address that `jobferry serve` prints, `key` a key that begins with `jf_`.

    `timeout`: seconds for one answer, in addition to `wait`. `patience`: seconds for which a call is repeated, in
    addition. `context`: how certificates are checked. `told` is called with each answer. Threads may share one object.
    """

    def __init__(
        self,
        url: str,
        key: str,
        *,
        timeout: float = 30,
        patience: float = 60,
        context: ssl.SSLContext | None = None,
        told: Callable[[Answer], None] = lambda _: None,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError(f"not an address such as https://jobferry.example.com: {url!r}")
        key = key.strip()  # of a file, with the end of its line
        if not re.fullmatch(r"jf_[!-~]+", key):  # else the header would be refused by an error that shows the key
            raise ValueError("a key of Jobferry is one word that begins with jf_")
        self._parts = parts
        self._key = key
        self._timeout = timeout
        self._patience = patience
        self._context = context
        self._told = told
        self._pause = pause

    @staticmethod
    def new_key() -> str:
        """A new Idempotency-Key. Store it with your own record before the call, if your program may die in between:
        the same key and body after its restart do nothing twice."""
        return str(uuid.uuid4())

    @staticmethod
    def part(value: str) -> str:
        """A value as a part of a path."""
        return quote(value, safe="")

    def call(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, Any] | None = None,
        body: Any = None,
        key: str | None = None,
        wait: int | None = None,
        if_match: str | None = None,
    ) -> Any:
        """The JSON of the answer, None if it has none. Raises JobferryError."""
        return self._answered(self._request(method, path, query or {}, body, key, wait, if_match))[0]

    def versioned(self, method: str, path: str, **given: Any) -> Versioned[Any]:
        """As `call`, with the version of what the answer shows."""
        request = {"query": None, "body": None, "key": None, "wait": None, "if_match": None, **given}
        document, answer = self._answered(self._request(method, path, request.pop("query") or {}, **request))
        return Versioned(document, answer.headers.get("etag", ""))

    def _request(
        self,
        method: str,
        path: str,
        query: Mapping[str, Any],
        body: Any,
        key: str | None,
        wait: int | None,
        if_match: str | None,
    ) -> _Request:
        headers = {"Authorization": f"Bearer {self._key}", "Accept": "application/json"}
        headers |= {"Content-Type": "application/json"} if body is not None else {}
        headers |= {"Idempotency-Key": key} if key is not None else {}
        headers |= {"Prefer": f"wait={wait}"} if wait is not None else {}
        headers |= {"If-Match": if_match} if if_match is not None else {}
        asked = {name: _text(value) for name, value in query.items() if value is not None}
        address = self._parts.path.rstrip("/") + path + (f"?{urlencode(asked)}" if asked else "")
        sent = None if body is None else json.dumps(body).encode()
        return _Request(method, address, sent, headers, self._timeout + (wait or 0), key)

    def _answered(self, request: _Request) -> tuple[Any, Answer]:
        until, tries = time.monotonic() + self._patience, 0
        while True:
            tries += 1
            try:
                return self._once(request, tries)
            except JobferryError as error:
                pause = _pause_after(error, tries) if _may_repeat(request, error) else None
                if pause is None or time.monotonic() + pause > until:
                    raise
            self._pause(pause)

    def _once(self, request: _Request, tries: int) -> tuple[Any, Answer]:
        connection = self._connection(request.seconds)
        try:
            try:
                connection.connect()
            except ssl.SSLCertVerificationError as error:  # waiting does not mend it
                raise NotJobferry(f"the certificate of {self._parts.netloc} is not accepted: {error}") from error
            except OSError as error:
                raise Unreachable(f"{self._parts.netloc} cannot be reached: {error}") from error
            try:
                connection.request(request.method, request.path, request.body, dict(request.headers))
                response = connection.getresponse()
                content = response.read()
            except (OSError, http.client.HTTPException) as error:
                raise AnswerLost(
                    f"no answer to {request.method} {request.path} came: {error!r}", request.key
                ) from error
        finally:
            connection.close()
        headers = {name.lower(): value for name, value in response.getheaders()}
        answer = Answer(request.method, request.path, response.status, headers, tries)
        self._told(answer)
        document = _read(response.status, headers.get("content-type", ""), content)
        if response.status < 300 and (document is not None or response.status == 204):
            return document, answer
        if isinstance(document, dict) and "code" in document:
            raise problem_of(response.status, document, _seconds(headers.get("retry-after")))
        if response.status in _FROM_A_PROXY:
            text = f"a proxy answered {request.method} {request.path} with {response.status} in Jobferry's place"
            raise AnswerLost(text, request.key)
        if (place := headers.get("location")) and response.status < 400:
            raise NotJobferry(f"{self._parts.netloc} sends callers to {place}: give the address that answers itself")
        kind = headers.get("content-type", "no type")
        raise NotJobferry(f"the answer with status {response.status} is no JSON of Jobferry's API ({kind})")

    def _connection(self, seconds: float) -> http.client.HTTPConnection:
        host, port = self._parts.hostname or "", self._parts.port
        if self._parts.scheme == "http":
            return http.client.HTTPConnection(host, port, timeout=seconds)
        context = self._context or ssl.create_default_context()
        return http.client.HTTPSConnection(host, port, timeout=seconds, context=context)


def every(page: Callable[[str | None], Any]) -> Iterator[Any]:
    """The items of all pages. `page` gets the cursor of one, None for the first."""
    cursor: str | None = None
    while True:
        found = page(cursor)
        yield from found["items"]
        cursor = found["next"]
        if cursor is None:
            return


def _may_repeat(request: _Request, error: JobferryError) -> bool:
    match error:
        case Unreachable():
            return True
        case Problem(status=429):
            return True
        case Problem():
            return request.repeatable and error.retryable
        case AnswerLost():
            return request.repeatable
    return False


def _pause_after(error: JobferryError, tries: int) -> float:
    """Seconds: what Jobferry asks for, else twice as long each time, a little at random: not all come at once."""
    if isinstance(error, Problem) and error.retry_after is not None:
        return error.retry_after
    longest: float = min(_FIRST_PAUSE * 2.0 ** (tries - 1), _LONGEST_PAUSE)
    return longest * random.uniform(0.5, 1)  # noqa: S311 - no secret


def _read(status: int, kind: str, content: bytes) -> Any:
    """The JSON of an answer, None if it is none."""
    try:
        return json.loads(content) if status != 204 and "json" in kind else None
    except ValueError:
        return None


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return ",".join(map(str, value)) if isinstance(value, (list, tuple, set, frozenset)) else str(value)


def _seconds(value: str | None) -> float | None:
    """None for what is no number, such as a proxy's date."""
    try:
        seconds = math.nan if value is None else float(value)
    except ValueError:
        return None
    return max(seconds, 0.0) if math.isfinite(seconds) else None
