"""Finds the job in an address of ServiceTrade's pages. Nothing is known of these pages but their addresses."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import parse_qsl, urlsplit

_ID = re.compile(r"[0-9]{1,16}", re.ASCII)
_WORD = re.compile(r"[A-Za-z][A-Za-z_-]*", re.ASCII)
_JOB = frozenset({"job", "jobs"})
_PARAMETERS = ("jobid", "job_id", "job")
LONGEST_ADDRESS = 2000
SHAPES = ("/job/ID", "/jobs/ID", "/job/view/ID", "#/job/ID", "?jobId=ID")
"""What is recognised, in short. More may follow the id. `/job/ID` is ServiceTrade's own; the others are met elsewhere
and cost nothing."""


def job_in_address(address: str) -> str | None:
    """The id of the job that the address is of, None if it names none. The host does not matter: the id is only ever
    looked up in the tenant's own account."""
    try:
        parts = urlsplit(address.strip()[:LONGEST_ADDRESS])
    except ValueError:
        return None
    # Some web applications keep the address of the page behind a #.
    path, _, query = parts.fragment.lstrip("!").partition("?")
    found = (*_in_path(parts.path), *_in_path(path), *_in_query(parts.query), *_in_query(query))
    return next(iter(found), None)


def _in_path(path: str) -> Iterator[str]:
    """The number after the segment `job`, with at most one word in between: a later one is of another record."""
    segments = [segment for segment in path.split("/") if segment]
    for place, segment in enumerate(segments):
        if segment.lower() not in _JOB:
            continue
        after = segments[place + 1 : place + 3]
        if len(after) == 2 and _WORD.fullmatch(after[0]) and not _ID.fullmatch(after[0]):
            after = after[1:]
        if after and _ID.fullmatch(after[0]):
            yield after[0]


def _in_query(query: str) -> Iterator[str]:
    for name, value in parse_qsl(query):
        if name.lower() in _PARAMETERS and _ID.fullmatch(value.strip()):
            yield value.strip()
