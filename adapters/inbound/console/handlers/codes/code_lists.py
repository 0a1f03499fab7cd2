"""The lists of codes that a connection's Spectrum company has: how they stand, a search, a new reading, an import."""

from __future__ import annotations

import base64
import zlib
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from urllib.parse import urlencode

from adapters.inbound.console.page_request import Redirect, Rendered, TenantRequest
from core.model.mappings.alias import AliasKind
from core.model.mappings.list_csv import LIST_COLUMNS, MOST_BYTES
from core.model.mappings.listed_code import ListedCode, ListedFrom, ListState, ListTrouble
from core.model.shared.errors import BadInput, CallerMends
from core.services.mappings.import_codes import AskedImport

SHOWN, OFFERED = 50, 12
LONGEST_FILE_FORM = 2 * MOST_BYTES
KIND_WORDS: Mapping[AliasKind, str] = {
    AliasKind.CUSTOMER: "Customers",
    AliasKind.SITE: "Sites",
    AliasKind.CONTRACT: "Contracts",
    AliasKind.ITEM: "Items",
}
FROM_WORDS: Mapping[ListedFrom, str] = {
    ListedFrom.SPECTRUM: "Spectrum's list",
    ListedFrom.IMPORTED: "an imported file",
    ListedFrom.ACCEPTED: "what Spectrum accepted",
}
_COLUMN_WORDS: Mapping[str, str] = {
    "code": "Code",
    "name": "Name",
    "active": "Active or not",
    "street": "Street",
    "city": "City",
    "state": "State",
    "postal_code": "Postal code",
    "phone": "Phone",
    "customer_code": "Code of its customer",
    "site_code": "Code of its site",
    "unit": "Unit of measure",
}


async def show_lists(request: TenantRequest) -> Rendered:
    looking, slug = request.use_cases.look_up_codes, request.path["connection"]
    found = await looking.states(request.tenant.id, slug)
    kind, text = _kind(request.query.get("kind", "")), request.query.get("search", "").strip()[:200]
    asked = {"kind": kind.value if kind else "", "search": text}
    after = request.query.get("after") or None
    page = await looking.search(request.tenant.id, slug, kind=kind, text=text, limit=SHOWN, after=after)
    return Rendered(
        "codes/lists.html",
        {
            "connection": found.connection,
            "here": _here(request),
            "states": [(state, KIND_WORDS[state.kind], state_words(state)) for state in found.states],
            "reading": found.reading,
            "kinds": KIND_WORDS,
            "from_words": FROM_WORDS,
            "asked": asked,
            "codes": page.codes,
            "more": urlencode({**asked, "after": page.next}) if page.next else "",
            "first": urlencode(asked) if after else "",
            "done": request.query.get("done", ""),
        },
    )


async def refresh_lists(request: TenantRequest) -> Redirect:
    await request.use_cases.look_up_codes.refresh(request.tenant.id, request.path["connection"], by=request.by)
    return Redirect(_here(request))


async def offer_codes(request: TenantRequest) -> Rendered:
    """The codes that begin with what is typed in a field, or have it in their name, as options of that field."""
    kind = _kind(request.query.get("kind", ""))
    text = next((value for name, value in request.query.items() if name.startswith("code")), "").strip()[:200]
    codes: Sequence[ListedCode] = ()
    if text:
        page = await request.use_cases.look_up_codes.search(
            request.tenant.id, request.path["connection"], kind=kind, text=text, limit=OFFERED
        )
        codes = page.codes
    return Rendered("codes/offered.html", {"codes": codes})


async def import_list(request: TenantRequest) -> Rendered | Redirect:
    """Show what a file would change; the button on that page carries it out, with the file that was looked at."""
    form, slug = request.form, request.path["connection"]
    kind = _kind(form.get("kind", ""))
    if kind is None:
        raise BadInput(
            "The form does not say what the codes are for.", fix="Choose customers, sites, contracts or items."
        )
    content = (
        _unpacked(form["packed"]) if form.get("packed") else form.get("file", "").encode("utf-8", "surrogateescape")
    )
    named = {key: form.get(f"column.{key}", "") for key in LIST_COLUMNS}
    columns = {key: name for key, name in named.items() if name} if "columns" in form else None
    asked = AskedImport(kind=kind, content=content, whole=form.get("whole") == "1", columns=columns)
    error: CallerMends | None = None
    if form.get("do") == "import":
        try:
            await request.use_cases.import_codes(
                request.tenant.id, slug, asked, fingerprint=form.get("fingerprint", ""), by=request.by
            )
            return Redirect(f"{_here(request)}?{urlencode({'kind': kind.value, 'done': 'imported'})}")
        except CallerMends as refused:
            error = refused
    found = await request.use_cases.import_codes.preview(request.tenant.id, slug, asked)
    status = HTTPStatus.OK if found.file.codes and not error else HTTPStatus.UNPROCESSABLE_ENTITY
    return Rendered(
        "codes/list_import.html",
        {
            "connection": await request.use_cases.find_connection(request.tenant.id, slug),
            "here": _here(request),
            "found": found,
            "kind": kind,
            "kind_words": KIND_WORDS[kind],
            "columns": _COLUMN_WORDS,
            "packed": _packed(content) if found.file.header else "",
            "most": SHOWN,
        },
        status,
        error=error,
    )


def state_words(state: ListState) -> str:
    """How a list stands, in words for the office."""
    if state.begun_at:
        return f"is being read: {state.rows_so_far:,} rows so far" if state.rows_so_far else "is about to be read"
    learned = state.kind in (AliasKind.SITE, AliasKind.CONTRACT)
    match state.trouble:
        case None if learned and not state.complete:
            return state.detail or "from a file, and from what Spectrum accepted"
        case None:
            return (
                f"complete. {state.detail}".rstrip(" .") if learned else "complete" if state.complete else state.detail
            )
        case ListTrouble.NEVER_READ if learned:
            return (
                "Spectrum offers no list of these. Codes are learned from sent work orders; import a file for the rest."
            )
        case ListTrouble.NEVER_READ:
            return "not read yet"
        case ListTrouble.NOT_ALLOWED:
            why = "Jobferry may not read this list. Spectrum's administrator can allow it, or export a file to import."
        case ListTrouble.NO_SERVICE:
            why = "This Spectrum does not offer the list. Its administrator can export a file to import."
        case ListTrouble.ROW_LIMIT:
            why = "Not complete: Spectrum gives only some of the rows."
        case ListTrouble.EMPTY:
            why = "Read, and empty."
        case _:
            why = "The last reading failed; it is tried again by itself. What was read before stays."
    return f"{why} {state.detail}".strip()


def _here(request: TenantRequest) -> str:
    return f"{request.home}/connections/{request.path['connection']}/code-lists"


def _kind(text: str) -> AliasKind | None:
    return next((one for one in AliasKind if one.value == text), None)


def _packed(content: bytes) -> str:
    return base64.b64encode(zlib.compress(content)).decode()


def _unpacked(packed: str) -> bytes:
    """The file of the page before. It may unpack to one byte more than a file may have, which is then refused."""
    try:
        unpacking = zlib.decompressobj()
        return unpacking.decompress(base64.b64decode(packed, validate=True), MOST_BYTES + 1)
    except (ValueError, zlib.error) as error:
        raise BadInput("The file did not arrive.", fix="Choose the file again.") from error
