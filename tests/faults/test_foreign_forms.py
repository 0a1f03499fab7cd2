"""Whatever a form or an address holds, the console answers with a page, and what was stored breaks no page later."""

from __future__ import annotations

import os
from collections.abc import Iterator
from random import Random, SystemRandom

import pytest
import structlog

from core.model.access.person import Role
from tests.edges.api.test_http_every_act_is_audited import failed
from tests.edges.api.test_http_isolation import OWN, furnish
from tests.faults.support.foreign_pages import Crawl, ask_foreign_page, form_token, send_foreign_form
from tests.support.browser_scene import Browser, person
from tests.support.http_scene import api

pytestmark = pytest.mark.long

FULL = os.environ.get("FAULTS") == "full"
ROUNDS = 60 if FULL else 4
INPUTS = 300
SEED = SystemRandom().randrange(10**9) if FULL else 19


@pytest.fixture(autouse=True, scope="module")
def _quiet() -> Iterator[None]:
    before = structlog.get_config()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    print(f"\nseed {SEED}, {ROUNDS * INPUTS:,} requests")
    yield
    structlog.configure(**before)


@pytest.mark.parametrize("number", range(ROUNDS))
async def test_no_form_and_no_address_ends_in_a_failure_of_ours_now_or_on_a_later_page(number: int) -> None:
    rng = Random(f"{SEED} {number}")
    role = rng.choice((Role.ADMINISTRATOR, Role.OPERATOR))
    async with api() as scene:
        await furnish(scene, OWN)
        await failed(scene)
        await person(scene, "ada@example.com", role, OWN)
        browser, crawl = await Browser(scene).sign_in("ada@example.com"), Crawl()
        await crawl.follow(browser, f"/t/{OWN}")
        token = form_token(browser)
        forms, pages = list(crawl.forms.values()), sorted(crawl.pages)
        assert len(forms) > 30, sorted(crawl.forms)
        assert len(pages) > 20, pages
        names = sorted({name for form in forms for name in form.fields} | {"before", "after", "done", "page", "q"})
        statuses = []
        for place in range(INPUTS):
            one = Random(f"{SEED} {number} {place}")
            form = one.choice(forms)
            if one.random() < 0.3:
                page = one.choice(pages)
                status, asked = await ask_foreign_page(one, scene, browser.cookie, page, names), page
            else:
                status, asked = await send_foreign_form(one, scene, browser.cookie, token, form), str(form)
            statuses.append(status)
            assert status < 500, f"Random('{SEED} {number} {place}'): {asked} answered {status}"
            if status == 403:  # the session may have ended
                browser = await Browser(scene).sign_in("ada@example.com")
                token = form_token(browser)
            if place % 100 == 99:
                for again in pages:
                    await browser.open(again)
                    assert browser.status < 500, f"after Random('{SEED} {number} {place}'): {again}\n{browser.said}"
        assert {200, 303} <= set(statuses), "nothing was shown, or nothing stored"
