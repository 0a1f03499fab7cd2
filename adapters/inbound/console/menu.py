"""The menu in the head of every page, and the menu of the settings area, which holds what is rarely used."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

OPERATOR_PAGES = (
    ("Installation", "/operator"),
    ("Tenants", "/operator/tenants"),
    ("People", "/operator/people"),
    ("Keys", "/operator/keys"),
    ("Mail", "/operator/mail"),
    ("Audit", "/operator/audit"),
)
DAILY_PAGES = (
    ("Home", ""),
    ("Sends", "/sends"),
    ("Check in Spectrum", "/doubts"),
    ("Connections", "/connections"),
    ("Codes", "/mappings"),
)
_ADMINISTRATORS_SETTINGS = (("Account", "/settings"), ("People", "/people"), ("Keys", "/keys"))
_EVERYBODYS_SETTINGS = (
    ("Notifications", "/notifications"),
    ("Webhooks", "/webhooks"),
    ("From ServiceTrade", "/from-servicetrade"),
    ("Audit", "/audit"),
)
_SETTINGS = frozenset(page for _, page in (*_ADMINISTRATORS_SETTINGS, *_EVERYBODYS_SETTINGS))
_CODES_OF_A_CONNECTION = re.compile("/connections/[^/]+/(codes|code-lists|aliases|suggestions|new)")
_ELSEWHERE = {
    "/new-connection": "/connections",
    "/batches": "/sends",
    "/reconciliations": "/sends",
    "/new-records": "/mappings",
}
_SECTIONS = sorted(_SETTINGS | {page for _, page in DAILY_PAGES if page})


@dataclass(frozen=True, slots=True)
class MenuEntry:
    """`current` is the value of aria-current: "page" if the entry leads to this page, "true" if this page belongs to
    it, else ''."""

    words: str
    address: str
    current: str = ""


def section_of(below: str) -> str:
    """The page of a menu that a page is or belongs to; '' for every other. `below` is the page's path below the
    tenant's address, and so is the answer."""
    if _CODES_OF_A_CONNECTION.match(below):
        return "/mappings"
    below = _ELSEWHERE.get("/" + below.strip("/").partition("/")[0], below)
    return next((page for page in _SECTIONS if f"{below}/".startswith(f"{page}/")), "")


def tenant_menu(home: str, section: str, path: str, *, manages: bool) -> Sequence[MenuEntry]:
    """`home` is the tenant's address, `path` the page's own. The last entry leads to the first page of the settings
    that the person may open."""
    daily = [_entry(words, home, page, section, path) for words, page in DAILY_PAGES]
    first = home + settings_pages(manages)[0][1]
    within = "page" if path == first else "true" if section in _SETTINGS else ""
    return [*daily, MenuEntry("Settings", first, within)]


def settings_menu(home: str, section: str, path: str, *, manages: bool) -> Sequence[MenuEntry]:
    """Empty outside the settings area."""
    if section not in _SETTINGS:
        return ()
    return [_entry(words, home, page, section, path) for words, page in settings_pages(manages)]


def settings_pages(manages: bool) -> Sequence[tuple[str, str]]:
    return (*(_ADMINISTRATORS_SETTINGS if manages else ()), *_EVERYBODYS_SETTINGS)


def _entry(words: str, home: str, page: str, section: str, path: str) -> MenuEntry:
    here = "page" if path == home + page else "true" if page and page == section else ""
    return MenuEntry(words, home + page, here)
