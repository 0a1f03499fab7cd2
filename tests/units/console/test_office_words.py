"""What people read is said in office words: no pictures of speech, no words of the code, one style of dates and
amounts."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from adapters.inbound.console import words
from core.model.access.person import Role
from core.model.catalogue import CATALOGUE, finding
from core.model.sending.send import SendState, Step
from core.model.shared.figures import money
from core.model.shared.moments import IN_A_TEXT, day_words, moment_of, moment_words
from core.model.work_orders.cost_line import LineState

ROOT = Path(__file__).parents[3]
TEMPLATES = sorted((ROOT / "adapters/inbound/console/templates").glob("**/*.html"))
ODD = re.compile(
    r"\banew\b|\bstands? in\b|\bgo(es)? along\b|\bgo(es)? out\b|nobody knows|second set|secrets masked"
    r"|leave it as it is|does not go so far|nothing was decided|\bin doubt\b|\bdoubts?\b|\bmappings?\b|\bare through\b",
    re.IGNORECASE,
)
"""Met in pages before, and their kind."""


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.stem)
def test_no_page_has_a_word_of_the_code_or_a_picture_of_speech(template: Path) -> None:
    text = re.sub(r"\{[{%#].*?[}%#]\}|<[^>]*>", " ", template.read_text(encoding="utf-8"), flags=re.DOTALL)
    assert ODD.findall(text) == []


@pytest.mark.parametrize("folder", ["adapters/inbound/console", "core/model", "core/services"])
def test_no_text_of_the_code_that_people_read_has_one(folder: str) -> None:
    found = {
        (path.name, text)
        for path in (ROOT / folder).glob("**/*.py")
        for text in _texts(path)
        if ODD.search(text) and "{request.home}/" not in text
    }
    assert found == set()


def _texts(path: Path) -> Iterator[str]:
    """Every text of more than one word that is no docstring."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    documents = {
        id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }
    for node in ast.walk(tree):
        text = node.value if isinstance(node, ast.Constant) and id(node) not in documents else None
        if isinstance(text, str) and re.search(r"[A-Za-z] [A-Za-z]", text):
            yield text


def test_every_state_step_and_role_has_its_words() -> None:
    assert set(words.STATES) == set(SendState)
    assert set(words.LINE_STATES) == set(LineState)
    assert set(words.SEND_STEPS) == set(Step)
    assert set(words.ROLE_CANNOT) == set(Role)
    assert not any("_" in text for text in (*words.LINE_STATES.values(), *words.SEND_STEPS.values()))


def test_a_cause_is_headed_by_its_short_title() -> None:
    assert words.title(finding("MAP_CUSTOMER_MISSING", "The customer Riverside has none.")) == (
        "Customer not linked to Spectrum"
    )
    assert max(len(entry.title) for entry in CATALOGUE.values()) <= 56


def test_moments_are_written_and_found_in_one_style() -> None:
    at = datetime(2026, 11, 3, 4, 5, 6, tzinfo=UTC)
    assert (day_words(at), moment_words(at)) == ("3 Nov 2026", "3 Nov 2026, 04:05 UTC")
    assert moment_words(at, seconds=True) == "3 Nov 2026, 04:05:06 UTC"
    found = IN_A_TEXT.search(f"Tries again at {moment_words(at, seconds=True)}.")
    assert found
    assert (moment_of(found), found[1]) == (at, "at ")


@pytest.mark.parametrize(
    ("text", "told"),
    [("120.5", "120.50"), ("120", "120.00"), ("-3.4", "-3.40"), ("0", "0.00"), ("1.005", "1.01"), ("", ""), ("x", "x")],
)
def test_amounts_have_two_decimals(text: str, told: str) -> None:
    assert money(text) == told
