"""The WSDLs, and what the envelope may and may not hold."""

from __future__ import annotations

from copy import deepcopy

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from adapters.outbound.spectrum.envelope import NotXml, build, parse
from adapters.outbound.spectrum.services import NEEDED, SERVICES, Service
from adapters.outbound.spectrum.wsdl import wsdl_of
from adapters.outbound.spectrum.wsdl_elements import differences, request_elements
from adapters.outbound.spectrum.zeep_message import NoLoading, zeep_message

_SPACES = {"wsdl": "http://schemas.xmlsoap.org/wsdl/", "xsd": "http://www.w3.org/2001/XMLSchema"}
_TYPES = "http://www.northgate-is.com/proiv/webservices/types"

_EMPTY = zeep_message(SERVICES["WorkOrderHeader"], dict.fromkeys(SERVICES["WorkOrderHeader"].elements, ""))
_IN_XML = st.one_of(
    st.sampled_from("<>&\"'%(){}\r\n\t"),
    st.characters(min_codepoint=0x20, exclude_categories=["Cs"], exclude_characters="\ufffe\uffff"),
)

services = pytest.mark.parametrize("service", SERVICES.values(), ids=SERVICES.keys())


@services
def test_the_wsdl_has_the_documented_names_order_and_namespaces(service: Service) -> None:
    root = etree.fromstring(wsdl_of(service).encode())
    assert root.get("targetNamespace") == "http://www.northgate-is.com/proiv/webservices/wsdl"
    (schema,) = root.iterfind("wsdl:types/xsd:schema", _SPACES)
    assert schema.get("targetNamespace") == _TYPES
    assert schema.get("elementFormDefault") == "unqualified"
    elements = schema.findall(f"xsd:element[@name='{service.name}']/xsd:complexType/xsd:sequence/xsd:element", _SPACES)
    assert [element.get("name") for element in elements] == [field.name for field in service.fields]
    assert {(element.get("type"), element.get("nillable"), element.get("minOccurs")) for element in elements} == {
        ("xsd:string", None, None)
    }
    assert [operation.get("name") for operation in root.iterfind("wsdl:portType/wsdl:operation", _SPACES)] == [
        service.name
    ]


def test_the_services_that_a_send_needs() -> None:
    assert NEEDED == ("WorkOrderHeader", "AddWOMaterialCost", "AddWOOtherCharges")


@services
def test_every_declared_element_is_there_once_in_order_and_empty_when_unused(service: Service) -> None:
    last = service.elements[-1]
    (call,) = etree.fromstring(build(service.name, {last: "x"}))[0]
    assert call.tag == f"{{{_TYPES}}}{service.name}"
    assert [(child.tag, child.text or "") for child in call] == [
        (name, "x" if name == last else "") for name in service.elements
    ]


def test_a_request_holds_nothing_of_the_one_before_and_escapes_what_xml_needs() -> None:
    values = {"Authorization_ID": "first", "Summary_Description": '<valve> & "riser" 2\r\n\u00e9\u2026'}
    first = build("WorkOrderHeader", values)
    (call,) = etree.fromstring(first)[0]
    assert {child.tag: child.text for child in call if child.text} == values
    second = build("WorkOrderHeader", {"GUID": "second"})
    (call,) = etree.fromstring(second)[0]
    assert {child.tag: child.text for child in call if child.text} == {"GUID": "second"}
    assert build("WorkOrderHeader", values) == first


@given(st.dictionaries(st.sampled_from(SERVICES["WorkOrderHeader"].elements), st.text(_IN_XML, max_size=30)))
def test_a_request_is_byte_for_byte_what_zeep_and_lxml_make(values: dict[str, str]) -> None:
    service = SERVICES["WorkOrderHeader"]
    message = deepcopy(_EMPTY)
    for name, element in zip(service.elements, message[0][0], strict=True):
        element.text = values.get(name, "")
    assert build(service.name, values) == etree.tostring(message, xml_declaration=True, encoding="UTF-8")


@pytest.mark.parametrize("character", ["\x00", "\x08", "\x0b", "\x1f", "\ufffe", "\ud800"])
def test_characters_that_xml_cannot_carry_are_refused_by_name_and_not_shown(character: str) -> None:
    with pytest.raises(ValueError, match=f"Authorization_ID holds U\\+{ord(character):04X}") as refused:
        build("WorkOrderHeader", {"Authorization_ID": f"secret{character}"})
    assert "secret" not in str(refused.value)


def test_zeep_may_load_nothing_by_itself() -> None:
    for url in ("file:///etc/passwd", "/etc/passwd", "https://spectrum.example.com/other.xsd"):
        with pytest.raises(PermissionError):
            NoLoading().load(url)


@pytest.mark.parametrize(
    "document",
    [
        b"",
        b"<a><b></b>",
        b"<a/>trailing",
        b'<!DOCTYPE a [<!ENTITY e "x">]><a>&e;</a>',
        b'<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>',
        b"<!DOCTYPE a><a/>",
        b"<a>&undefined;</a>",
        b"<a>" * 1000 + b"</a>" * 1000,
        b"\xff\x00",
    ],
)
def test_only_one_complete_plain_document_is_parsed(document: bytes) -> None:
    with pytest.raises(NotXml):
        parse(document)


def test_differences_are_named() -> None:
    service = SERVICES["AddWOOtherCharges"]
    ours = list(service.elements)
    assert differences(ours, service) == []
    assert differences(ours[:-1], service) == ["it lacks Cost_Type"]
    assert differences([*ours, "New_Field"], service) == ["it also has New_Field"]
    assert differences([ours[1], ours[0], *ours[2:]], service) == ["Authorization_ID was expected, but GUID was found"]
    assert differences([*ours, ours[-1]], service) == ["it has an element twice"]


def test_elements_are_found_inline_and_in_a_named_type() -> None:
    service = SERVICES["WSTestConnection"]
    assert request_elements(wsdl_of(service).encode(), service) == ["Authorization_ID", "Version"]
    named = (
        '<d xmlns:x="http://www.w3.org/2001/XMLSchema" xmlns:t="t"><x:schema><x:element name="WSTestConnection" '
        'type="t:Call"/><x:complexType name="Call"><x:sequence><x:element name="Version"/></x:sequence>'
        "</x:complexType></x:schema></d>"
    )
    assert request_elements(named.encode(), service) == ["Version"]
    assert request_elements(b"<html/>", service) is None
