"""An audit that could not look is never taken for one that found nothing."""

from __future__ import annotations

from tests.support.audit_lock import judged

SOUND = {"name": "aiohttp", "version": "3.14.5", "vulns": []}
WEAK = {"name": "jinja2", "version": "2.10", "vulns": [{"id": "PYSEC-1", "fix_versions": ["2.10.1"]}]}
SKIPPED = {"name": "yarl", "skip_reason": "not found"}


def test_a_weakness_fails_and_names_what_mends_it() -> None:
    good, words = judged([SOUND, WEAK, SKIPPED])
    assert not good
    assert "jinja2 2.10: PYSEC-1, mended in 2.10.1" in words
    assert "Audited 2 of 3 packages: 1 published weaknesses. Not known to the index: yarl." in words


def test_packages_without_weaknesses_pass() -> None:
    assert judged([SOUND]) == (True, "Audited 1 of 1 packages: 0 published weaknesses.")


def test_packages_that_the_index_does_not_know_are_not_called_audited() -> None:
    good, words = judged([SKIPPED, SKIPPED])
    assert good
    assert words == "Not audited: the index of weaknesses knows none of the 2 packages."
