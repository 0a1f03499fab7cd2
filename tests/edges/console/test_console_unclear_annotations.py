"""The console's list of notes and documents to check, and the word that ends one."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from core.model.access.person import Role
from tests.edges.api.test_http_every_act_is_audited import unclear_document
from tests.edges.api.test_http_isolation import OWN, furnish
from tests.support.browser_scene import somebody
from tests.support.http_scene import Scene, api

PAGE = f"/t/{OWN}/doubts"


@pytest.fixture
async def scene() -> AsyncIterator[Scene]:
    async with api() as running:
        yield running


async def test_an_unclear_document_is_listed_and_settled_and_a_viewer_only_sees_it(scene: Scene) -> None:
    await furnish(scene, OWN)
    await unclear_document(scene)
    viewer = await somebody(scene, Role.VIEWER, email="eve@example.com")
    await viewer.open(PAGE)
    assert "Document: signed.pdf" in viewer.said
    assert "It is there" not in viewer.said
    ann = await somebody(scene, Role.ADMINISTRATOR)
    await ann.open(PAGE)
    assert "1 note or document to check, the oldest first." in ann.said
    await ann.press("It is there", reason="Among its documents.")
    assert ann.address == PAGE
    assert "Document: signed.pdf" not in (await ann.open(PAGE)).said
