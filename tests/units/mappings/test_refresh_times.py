"""When lists are read by themselves, and what a reading remembers of the codes that it saw."""

from __future__ import annotations

import tracemalloc
from datetime import UTC, datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

from core.model.connections.maintenance_window import MaintenanceWindow
from core.model.connections.refresh_times import FIRST, LAST, next_night
from core.model.mappings.alias import AliasKind
from core.model.mappings.code_words import folded, rarest_first, words_in
from core.model.mappings.listed_code import RARELY, ListedCode, ListState, ListTrouble, tidy
from core.model.mappings.seen_codes import SeenCodes

CHICAGO = ZoneInfo("America/Chicago")
NOON = datetime(2026, 11, 30, 18, 0, tzinfo=UTC)


def test_each_connection_has_its_own_minute_of_the_night() -> None:
    moments = [next_night(f"con_{number}", CHICAGO, (), NOON) for number in range(500)]
    midnight = datetime(2026, 12, 1, 0, 0, tzinfo=CHICAGO)
    assert all(FIRST <= moment - midnight < LAST for moment in moments)
    assert len({moment.replace(second=0) for moment in moments}) > 150


def test_the_night_that_has_begun_counts_until_its_moment() -> None:
    moment = next_night("con_1", UTC, (), NOON)
    assert next_night("con_1", UTC, (), moment - timedelta(seconds=1)) == moment
    assert next_night("con_1", UTC, (), moment) == moment + timedelta(days=1)


def test_a_maintenance_window_is_over_first() -> None:
    window = MaintenanceWindow.parse("daily 00:00-06:00 UTC")
    assert next_night("con_1", UTC, [window], NOON) == datetime(2026, 12, 1, 6, 0, tzinfo=UTC)


def test_a_list_that_is_not_allowed_is_tried_once_a_week() -> None:
    refused = ListState(kind=AliasKind.ITEM, trouble=ListTrouble.NOT_ALLOWED, tried_at=NOON)
    assert not refused.reads_by_itself(NOON + RARELY - timedelta(seconds=1))
    assert refused.reads_by_itself(NOON + RARELY)
    assert ListState(kind=AliasKind.ITEM, trouble=ListTrouble.UNREADABLE, tried_at=NOON).reads_by_itself(NOON)


def test_seen_codes_are_known_again() -> None:
    seen, codes = SeenCodes(), [f"i{number}" for number in range(5000)]
    Random(1).shuffle(codes)
    assert all(seen.add(code) for code in codes)
    assert not any(seen.add(code) for code in codes)
    assert len(seen) == 5000
    assert all(code in seen for code in codes)
    assert not any(code in seen for code in ("", "I4", "i5000", "😀", "\ud800"))


def test_each_further_seen_code_takes_few_bytes_also_while_they_grow() -> None:
    seen = SeenCodes()
    tracemalloc.start()
    try:
        for number in range(4_000):
            seen.add(str(number))
        before, _ = tracemalloc.get_traced_memory()
        for number in range(4_000, 12_000):
            seen.add(str(number))
        assert (tracemalloc.get_traced_memory()[1] - before) / 8_000 < 16
    finally:
        tracemalloc.stop()


def test_words_are_compared_without_case_accents_and_punctuation() -> None:
    assert folded("  Café ÅNGSTRÖM ") == "cafe angstrom"
    assert words_in("V-2.5", "Valve, brass (2.5in) valve") == ("2", "5", "5in", "brass", "v", "valve")
    assert len(words_in(" ".join(f"w{number}" for number in range(99)))) == 16


def test_a_code_is_stored_tidy_or_not_at_all() -> None:
    foreign = ListedCode(kind=AliasKind.SITE, code="  HV-1 ", name=" North\u200b \n Pier " + "x" * 300)
    tidied = tidy(foreign)
    assert tidied is not None
    assert (tidied.code, tidied.name[:12], len(tidied.name)) == ("HV-1", "North Pier x", 200)
    for code in ("", "  ", "ELEVENSIGNS", "A\x00B"):
        assert tidy(ListedCode(kind=AliasKind.SITE, code=code)) is None


def test_a_search_looks_up_the_word_that_is_probably_rarest() -> None:
    assert rarest_first(words_in("valve brass 12in")) == ("12in", "valve", "brass")
    assert rarest_first(words_in("oak plaza 2")) == ("plaza", "oak", "2")
    assert rarest_first(()) == ()
