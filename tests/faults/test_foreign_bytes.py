"""Whatever bytes come from outside, no reader ends with an error that is not ours, and spelling changes no judgment."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from math import ceil
from random import Random, SystemRandom

import pytest
import structlog

from adapters.net.compression import unpacked
from adapters.outbound.spectrum.answer import judge
from adapters.outbound.spectrum.services import NEEDED, SERVICES
from adapters.outbound.spectrum.transport import ANSWER_LIMIT, HttpAnswer
from core.model.sending.answer import Accepted, Refused, Unknown, UnknownReason
from core.model.shared.errors import JobferryError
from tests.faults.support.foreign_readers import OURS, READERS, read_plainly
from tests.faults.support.mutations import json_bytes, spelt_json, with_more_members
from tests.support.spectrum_scene import soap
from tests.support.spectrum_spellings import SPELLINGS as KNOWN_SPELLINGS
from tests.support.spectrum_spellings import Spelt

pytestmark = pytest.mark.long

FULL = os.environ.get("FAULTS") == "full"
INPUTS = ceil((1_000_000 if FULL else 20_000) / (len(READERS) + 2))
SEED = SystemRandom().randrange(10**9) if FULL else 17
"""A full run tries others each time; a failure names it."""


@pytest.fixture(autouse=True, scope="module")
def _quiet() -> Iterator[None]:
    """What the readers log about each of the inputs would be the larger part of the work."""
    before = structlog.get_config()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    print(f"\nseed {SEED}, {INPUTS:,} inputs for each of {len(READERS) + 2}")
    yield
    structlog.configure(**before)


@pytest.mark.parametrize("name", READERS)
async def test_no_foreign_bytes_end_in_an_error_that_is_not_ours(name: str) -> None:
    read, refused = READERS[name], 0
    for number in range(INPUTS):
        try:
            await read(Random(f"{SEED} {name} {number}"))
        except OURS:
            refused += 1
        except Exception as error:
            raise AssertionError(f"Random('{SEED} {name} {number}')") from error
    assert refused < INPUTS, "not one was read"


def _escaped(rng: Random, text: str) -> str:
    return "".join(f"&#{ord(one)};" if rng.random() < 0.5 else one for one in text)


def _other_prefix(found: re.Match[str]) -> str:
    return found.group().replace("s", "soap-env")


def _spaced(rng: Random, text: str) -> str:
    return text.replace("><", f">{rng.choice((' ', chr(10), chr(13) + chr(10), '<!-- x -->'))}<")


def _xml(spell: Callable[[Random, str], bytes]) -> Callable[[Random, str], Spelt]:
    return lambda rng, text: Spelt(spell(rng, text), "text/xml")


def _of(spell: Callable[[str], Spelt]) -> Callable[[Random, str], Spelt]:
    return lambda _, text: spell(text)


SPELLINGS: dict[str, Callable[[Random, str], Spelt]] = {
    "escaped": _xml(lambda rng, text: text.replace("Zone", _escaped(rng, "Zone")).encode()),
    "in other prefixes": _xml(lambda _, text: re.sub(r"(?<=[</ ])s:|(?<=xmlns:)s(?==)", _other_prefix, text).encode()),
    "with blanks between": _xml(lambda rng, text: _spaced(rng, text).encode()),
    **{name: _of(spell) for name, spell in KNOWN_SPELLINGS.items()},
}


def _unpacked(spelled: Spelt, body: bytes) -> HttpAnswer:
    plain = unpacked(body, spelled.encoding, ANSWER_LIMIT)
    cut = None if plain.whole else UnknownReason.TRUNCATED
    return HttpAnswer(200, spelled.content_type, plain.body, cut=cut)


def test_an_answer_is_judged_like_its_plain_twin_and_a_cut_one_is_unknown_at_every_byte() -> None:
    kinds: set[type] = set()
    for number in range(INPUTS):
        rng = Random(f"{SEED} twins {number}")
        service = SERVICES[rng.choice(NEEDED)]
        codes = [rng.choice(("A", "I", "M", "E", "G", "G", "W", "S", "X")) for _ in range(rng.choice((0, 1, 1, 2)))]
        text = soap(*((code, "Zoné is not valid", "Zone") for code in codes), method=service.name)
        plain = judge(HttpAnswer(200, "text/xml", text.encode()), service)
        kinds.add(type(plain))
        how = rng.choice(list(SPELLINGS))
        spelled = SPELLINGS[how](rng, text)
        whole = judge(_unpacked(spelled, spelled.body), service)
        assert whole == plain, (how, spelled)
        cut = judge(_unpacked(spelled, spelled.body[: rng.randrange(len(spelled.body.rstrip()))]), service)
        assert isinstance(cut, Unknown), (how, number)
        told = judge(replace(_unpacked(spelled, spelled.body), cut=UnknownReason.TRUNCATED), service)
        assert isinstance(told, Unknown), (how, number)
    assert kinds == {Accepted, Refused, Unknown}


async def test_neither_unknown_members_nor_spelling_change_a_job_and_its_items_and_a_cut_answer_is_not_read() -> None:
    plain = await read_plainly(json_bytes)
    for number in range(INPUTS):
        rng = Random(f"{SEED} members {number}")

        def told(whole: object, rng: Random = rng) -> bytes:
            return spelt_json(rng, with_more_members(rng, whole))

        def cut(whole: object, rng: Random = rng) -> bytes:
            text = spelt_json(rng, whole).rstrip()
            return text[: 1 + rng.randrange(len(text) - 1)]

        assert await read_plainly(told) == plain, number
        if number % 8 == 0:
            with pytest.raises(JobferryError):
                await read_plainly(cut)
