"""The WSDL that the sandbox Spectrum shows for each service: one operation, document/literal, wrapped.

Source: as seen in WSDLs of real installations; the children are non-nillable strings in no namespace.
"""

from __future__ import annotations

from adapters.sandbox.spectrum.envelope import TYPES
from core.model.work_orders.spectrum_fields import SPECTRUM_FIELDS

_TARGET = "http://www.northgate-is.com/proiv/webservices/wsdl"
_DOCUMENT = """\
<?xml version="1.0" encoding="UTF-8"?>
<wsdl:definitions name="{service}" targetNamespace="{target}" xmlns:tns="{target}" xmlns:types="{types}"
    xmlns:wsdl="http://schemas.xmlsoap.org/wsdl/" xmlns:soap="http://schemas.xmlsoap.org/wsdl/soap/"
    xmlns:xsd="http://www.w3.org/2001/XMLSchema">
  <wsdl:types>
    <xsd:schema targetNamespace="{types}">
      <xsd:element name="{service}"><xsd:complexType><xsd:sequence>
        {elements}
      </xsd:sequence></xsd:complexType></xsd:element>
      <xsd:element name="{service}Response"><xsd:complexType><xsd:sequence>
        <xsd:element name="returnArray"><xsd:complexType><xsd:sequence>
          <xsd:element name="returnData"><xsd:complexType><xsd:sequence>
            <xsd:element name="response" minOccurs="0" maxOccurs="unbounded"><xsd:complexType><xsd:sequence>
              <xsd:element name="error_code" type="xsd:string"/>
              <xsd:element name="desc" type="xsd:string"/>
              <xsd:element name="column" type="xsd:string"/>
            </xsd:sequence></xsd:complexType></xsd:element>
          </xsd:sequence></xsd:complexType></xsd:element>
        </xsd:sequence></xsd:complexType></xsd:element>
      </xsd:sequence></xsd:complexType></xsd:element>
    </xsd:schema>
  </wsdl:types>
  <wsdl:message name="{service}"><wsdl:part name="parameters" element="types:{service}"/></wsdl:message>
  <wsdl:message name="{service}Response"><wsdl:part name="parameters" element="types:{service}Response"/></wsdl:message>
  <wsdl:portType name="{service}Port">
    <wsdl:operation name="{service}">
      <wsdl:input message="tns:{service}"/>
      <wsdl:output message="tns:{service}Response"/>
    </wsdl:operation>
  </wsdl:portType>
  <wsdl:binding name="{service}Binding" type="tns:{service}Port">
    <soap:binding style="document" transport="http://schemas.xmlsoap.org/soap/http"/>
    <wsdl:operation name="{service}">
      <soap:operation soapAction="{address}"/>
      <wsdl:input><soap:body use="literal"/></wsdl:input>
      <wsdl:output><soap:body use="literal"/></wsdl:output>
    </wsdl:operation>
  </wsdl:binding>
  <wsdl:service name="{service}">
    <wsdl:port name="{service}Port" binding="tns:{service}Binding"><soap:address location="{address}"/></wsdl:port>
  </wsdl:service>
</wsdl:definitions>
"""


def wsdl_of(service: str, address: str) -> str:
    """Return the WSDL text of `service` with the address `address`."""
    names = (field.name for field in SPECTRUM_FIELDS[service])
    elements = "\n        ".join(f'<xsd:element name="{name}" type="xsd:string"/>' for name in names)
    return _DOCUMENT.format(service=service, address=address, elements=elements, target=_TARGET, types=TYPES)
