"""One profile for all generated tests: tests/conftest.py. A busy machine makes no test red."""

from __future__ import annotations

import re
from pathlib import Path

from hypothesis import settings

TESTS = Path(__file__).parents[1]


def test_no_generated_test_has_a_deadline_of_its_own_or_of_the_library() -> None:
    assert settings().deadline is None
    own = re.compile(r"\bsettings\([^)]*\bdeadline=|register_profile|load_profile")
    found = {path.relative_to(TESTS) for path in TESTS.rglob("*.py") if own.search(path.read_text(encoding="utf-8"))}
    assert found - {Path(__file__).relative_to(TESTS)} == {Path("conftest.py")}
