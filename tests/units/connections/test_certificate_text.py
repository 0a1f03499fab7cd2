"""Texts that somebody may paste as a certificate authority's certificate."""

from __future__ import annotations

import pytest

from core.model.connections.ca_certificate import is_certificate


@pytest.mark.parametrize("text", ["\u00e9", "-----BEGIN CERTIFICATE-----\n\u2013", "\ud800", "\0", "none"])
def test_what_is_no_certificate_is_refused_and_raises_nothing(text: str) -> None:
    assert not is_certificate(text)
