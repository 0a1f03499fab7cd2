"""The OpenAPI document, made once for all tests that read it. Nobody changes it."""

from __future__ import annotations

from adapters.inbound.api.openapi import openapi_document

DOCUMENT = openapi_document()
