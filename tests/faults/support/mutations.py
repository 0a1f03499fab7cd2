"""Bytes and JSON as nobody would send them: made of good ones by a random generator, so that a seed repeats them."""

from __future__ import annotations

import copy
import json
from collections.abc import Sequence
from random import Random
from typing import Any

_PIECES = (
    b"\x00", b"\xff\xfe", b"\xef\xbb\xbf", b"\r\n\r\n", b"\x1f\x8b", b"&#x0;", b"&#31;", b"<!DOCTYPE x [", b"]]>",
    b"<![CDATA[", b"<!--", b"<?xml version='1.0' encoding='x'?>", b"&lt;", b"xmlns:a='b'", b"{", b"[", b'"', b"\\ud800",
    b"1e999", b"NaN", b"-0", b"9" * 5000, b"%00", b"%ff", b"=", b";", b",", b"\xe2\x80\xae", b"\xed\xa0\x80",
    b"--x\r\n",
)  # fmt: skip
_ODD: Sequence[Any] = (
    None, True, False, 0, -1, 1.5, 1e308, 10**30, 10**4200, "", " ", "0", ".5", " 2 ", "1e999999", "NaN", "Infinity",
    "\x00", "\ud800", "\u202e", "e\u0301", "x" * 10_000, [], {}, [None], [[]], [{}], {"id": None}, {"id": {}}, {"": 0},
    ["a", 1, None], {"name": []}, "9" * 5000, -(10**18), "2026-13-40T99:99:99Z", 99**99,
)  # fmt: skip
"""Values that stand where others belong."""
_NO_JSON = (float("inf"), float("nan"))
"""Python writes and reads these, but no other."""
_UNKNOWN = ("estimatedPrice", "visibility", "vendor", "owner", "sales", "ivrActivity", "primaryContact", "x", "uri")


def spoiled(rng: Random, data: bytes, most: int = 4) -> bytes:
    """Up to `most` small damages; sometimes none."""
    found = bytearray(data)
    for _ in range(rng.randrange(most + 1)):
        start = rng.randrange(len(found) + 1)
        end = min(len(found), start + rng.choice((1, 1, 2, 8, 64)))
        match rng.randrange(6):
            case 0:
                del found[start:end]
            case 1:
                found[start:end] = rng.randbytes(end - start)
            case 2:
                found[start:start] = rng.choice(_PIECES)
            case 3:
                found[start:start] = found[start:end] * rng.choice((1, 2, 50))
            case 4:
                del found[start:]
            case _:
                found[start:end] = rng.choice(_PIECES)
    return bytes(found)


def reshaped(rng: Random, document: Any, most: int = 3) -> Any:
    """The document with up to `most` values replaced, wrapped, removed or added."""
    whole = [copy.deepcopy(document)]
    for _ in range(rng.randrange(1, most + 1)):
        holder, key = rng.choice(list(_places(whole)))
        match rng.randrange(5):
            case 0:
                holder[key] = [holder[key]]
            case 1 if isinstance(holder, dict):
                del holder[key]
            case 2:
                holder[key] = str(holder[key])
            case 3 if isinstance(holder[key], dict):
                holder[key][rng.choice(("id", "name", "type", "extra"))] = copy.deepcopy(rng.choice(_ODD))
            case _:
                holder[key] = copy.deepcopy(rng.choice((*_ODD, *_NO_JSON)))
        if not whole:
            whole.append(None)
    return whole[0]


def json_bytes(document: Any) -> bytes:
    """The document as JSON in ASCII."""
    return json.dumps(document).encode()


def spelt_json(rng: Random, document: Any) -> bytes:
    """The document as JSON in one of the spellings that mean the same."""
    text = json.dumps(
        document, ensure_ascii=rng.random() < 0.5, separators=rng.choice((None, (",", ":"), (" ,\n", " : ")))
    )
    return rng.choice(("", "", "\r\n ")).encode() + text.encode("utf-8", "surrogatepass") + rng.choice((b"", b"\r\n"))


def foreign_json(rng: Random, document: Any) -> bytes:
    """The document as JSON, in another shape, in other bytes, or both."""
    if rng.randrange(4):
        document = reshaped(rng, document)
    text = json.dumps(document, ensure_ascii=rng.random() < 0.5)
    found = text.encode("utf-8", rng.choice(("surrogatepass", "replace")))
    return spoiled(rng, found) if rng.randrange(3) == 0 else found


def with_more_members(rng: Random, document: Any) -> Any:
    """The document, each of its objects with members that we know nothing of. In `externalIds` they are systems."""
    if isinstance(document, list):
        return [with_more_members(rng, one) for one in document]
    if not isinstance(document, dict):
        return document
    more = {name: copy.deepcopy(rng.choice(_ODD)) for name in rng.sample(_UNKNOWN, rng.randrange(3))}
    return {**more, **{name: with_more_members(rng, one) for name, one in document.items()}}


def _places(whole: Any) -> Any:
    """Each place of the document, as its list or object and the index or name there."""
    pairs = whole.items() if isinstance(whole, dict) else enumerate(whole)
    for key, value in list(pairs):
        yield whole, key
        if isinstance(value, dict | list):
            yield from _places(value)
