"""The WSDL of each service in use, from which zeep builds its requests.

Source: namespaces, wrapping and non-nillable strings as seen in WSDLs of a real Spectrum; fields as documented.
"""

from __future__ import annotations

from adapters.outbound.spectrum.services import Service

_TYPES = "http://www.northgate-is.com/proiv/webservices/types"
_WSDL = "http://www.northgate-is.com/proiv/webservices/wsdl"

_DOCUMENT = """\
<?xml version="1.0" encoding="UTF-8"?>
<definitions name="{name}" targetNamespace="{wsdl}"
    xmlns="http://schemas.xmlsoap.org/wsdl/" xmlns:soap="http://schemas.xmlsoap.org/wsdl/soap/"
    xmlns:xsd="http://www.w3.org/2001/XMLSchema" xmlns:types="{types}" xmlns:tns="{wsdl}">
  <types>
    <xsd:schema targetNamespace="{types}" elementFormDefault="unqualified">
      <xsd:element name="{name}">
        <xsd:complexType>
          <xsd:sequence>
{elements}
          </xsd:sequence>
        </xsd:complexType>
      </xsd:element>
      <xsd:element name="{answer}">
        <xsd:complexType>
          <xsd:sequence>
            <xsd:element name="returnArray" type="types:{name}Array"/>
          </xsd:sequence>
        </xsd:complexType>
      </xsd:element>
      <xsd:complexType name="{name}Array">
        <xsd:sequence>
          <xsd:element name="returnData" type="types:{name}Data"/>
        </xsd:sequence>
      </xsd:complexType>
      <xsd:complexType name="{name}Data">
        <xsd:sequence>
          <xsd:element name="response" type="types:{name}Row" minOccurs="0" maxOccurs="unbounded"/>
        </xsd:sequence>
      </xsd:complexType>
      <xsd:complexType name="{name}Row">
        <xsd:sequence>
          <xsd:element name="error_code" type="xsd:string"/>
          <xsd:element name="desc" type="xsd:string"/>
          <xsd:element name="column" type="xsd:string"/>
        </xsd:sequence>
      </xsd:complexType>
    </xsd:schema>
  </types>
  <message name="{name}Input">
    <part name="parameters" element="types:{name}"/>
  </message>
  <message name="{name}Output">
    <part name="parameters" element="types:{answer}"/>
  </message>
  <portType name="{name}PortType">
    <operation name="{name}">
      <input message="tns:{name}Input"/>
      <output message="tns:{name}Output"/>
    </operation>
  </portType>
  <binding name="{name}Binding" type="tns:{name}PortType">
    <soap:binding style="document" transport="http://schemas.xmlsoap.org/soap/http"/>
    <operation name="{name}">
      <soap:operation soapAction="" style="document"/>
      <input><soap:body use="literal"/></input>
      <output><soap:body use="literal"/></output>
    </operation>
  </binding>
  <service name="{name}">
    <port name="{name}Port" binding="tns:{name}Binding">
      <soap:address location="https://spectrum.invalid:8482/ws/{name}"/>
    </port>
  </service>
</definitions>
"""


def wsdl_of(service: Service) -> str:
    """Return the WSDL text of one service. Its address is a placeholder: each connection has its own."""
    elements = "\n".join(f'            <xsd:element name="{name}" type="xsd:string"/>' for name in service.elements)
    return _DOCUMENT.format(name=service.name, answer=service.answer, elements=elements, types=_TYPES, wsdl=_WSDL)
