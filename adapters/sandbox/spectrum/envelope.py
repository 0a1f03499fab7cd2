"""SOAP 1.1 of the sandbox Spectrum: reads requests, writes rows and faults.

Source: wrapping, namespaces and the shape of answers as seen in WSDLs and answers of real installations.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape

from lxml import etree

from core.model.work_orders.optional_fields import CUSTOMERS_READ, ITEMS_READ
from core.model.work_orders.spectrum_fields import SPECTRUM_FIELDS

SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
TYPES = "http://www.northgate-is.com/proiv/webservices/types"


@dataclass(frozen=True, slots=True)
class Row:
    """One `response` element of an answer."""

    code: str
    column: str
    text: str


AnyRow = Row | Mapping[str, str]
"""A row that tells something, or one of data by the names of its columns."""
LISTS = frozenset({CUSTOMERS_READ, ITEMS_READ})


class SoapFault(Exception):
    """Spectrum cannot understand the call (`Client`) or has an error of its own (`Server`)."""

    def __init__(self, who: str, text: str) -> None:
        super().__init__(text)
        self.who = who
        self.text = text

    @classmethod
    def missing_service(cls, name: str) -> SoapFault:
        return cls("Client", f"could not find WebService named {name}")

    @classmethod
    def server_error(cls) -> SoapFault:
        return cls("Server", "Error executing Web Service")


def read_request(service: str, body: bytes) -> dict[str, str]:
    """Return the values of a request with every declared element once and in order. Raises SoapFault otherwise."""
    values = _values(service, body)
    declared = [field.name for field in SPECTRUM_FIELDS[service]]
    if [name for name, _ in values] != declared:
        given = {name for name, _ in values}
        missing = [name for name in declared if name not in given]
        what = f"missing element {missing[0]}" if missing else "elements are unknown, repeated or out of order"
        raise SoapFault("Client", f"{service}: {what}")
    return dict(values)


def _values(service: str, body: bytes) -> list[tuple[str, str]]:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(body, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise SoapFault("Client", "the request is not well-formed XML") from error
    if root.getroottree().docinfo.internalDTD is not None:
        raise SoapFault("Client", "a document type is not allowed")
    wrappers = [child for part in root if part.tag == f"{{{SOAP}}}Body" for child in part if isinstance(child.tag, str)]
    if root.tag != f"{{{SOAP}}}Envelope" or [child.tag for child in wrappers] != [f"{{{TYPES}}}{service}"]:
        raise SoapFault("Client", f"the request does not hold one {service} in a SOAP 1.1 body")
    elements = [child for child in wrappers[0] if isinstance(child.tag, str)]
    if any(len(child) for child in elements):
        raise SoapFault("Client", f"{service}: an element holds other elements where a text is expected")
    return [(str(child.tag), child.text or "") for child in elements]


def answer(service: str, rows: Sequence[AnyRow]) -> bytes:
    """`Envelope/Body/<service>Response/returnArray/returnData/response*`. A read has `<service>` inside `returnData`,
    rows of data, and other names in the row of an error."""
    if service in LISTS:
        content = f"<{service}>{''.join(map(_read_row, rows))}</{service}>"
    else:
        content = "".join(_write_row(row) for row in rows if isinstance(row, Row))
    return _envelope(
        f'<types:{service}Response xmlns:types="{TYPES}">'
        f"<returnArray><returnData>{content}</returnData></returnArray></types:{service}Response>"
    )


def _write_row(row: Row) -> str:
    return (
        f"<response><error_code>{escape(row.code)}</error_code><desc>{escape(row.text)}</desc>"
        f"<column>{escape(row.column)}</column></response>"
    )


def _read_row(row: AnyRow) -> str:
    error = row if isinstance(row, Row) else Row("", "", "")
    told = {"Error_Code": error.code, "Error_Description": error.text, "Error_Column": error.column}
    cells = told if isinstance(row, Row) else {**row, **told}
    return "<response>" + "".join(f"<{name}>{escape(text)}</{name}>" for name, text in cells.items()) + "</response>"


def fault_answer(fault: SoapFault) -> bytes:
    return _envelope(
        f"<soapenv:Fault><faultcode>soapenv:{fault.who}</faultcode>"
        f"<faultstring>{escape(fault.text)}</faultstring></soapenv:Fault>"
    )


def _envelope(content: str) -> bytes:
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<soapenv:Envelope xmlns:soapenv="{SOAP}"><soapenv:Body>{content}</soapenv:Body></soapenv:Envelope>'
    ).encode()
