"""Lets aioresponses build responses for aiohttp 3.14, which demands a `stream_writer` that it does not pass."""

from __future__ import annotations

import inspect
from typing import Any
from unittest.mock import Mock

import aiohttp
from aioresponses import core


class ShimmedResponse(aiohttp.ClientResponse):
    """A response whose request has been sent completely."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("stream_writer", Mock(output_size=0))
        super().__init__(*args, **kwargs)


def aioresponses_passes_it_itself() -> bool:
    return "stream_writer" in inspect.getsource(core)
