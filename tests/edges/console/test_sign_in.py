"""People, passwords, sessions and links, from the use cases to the API and the command line."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from datetime import timedelta
from typing import Any

import pytest
from aiohttp.test_utils import make_mocked_request
from argon2 import PasswordHasher

from adapters.inbound.console.handlers.sign_in import is_same_origin
from adapters.inbound.server.peers import is_local
from adapters.outbound.argon2_passwords import Argon2Passwords
from core.model.access.api_key import Scope
from core.model.access.caller import Caller
from core.model.access.person import IDLE, LONGEST_SESSION, Person, Role, is_page
from core.model.shared.errors import BadInput, Conflict, Unauthorized
from core.services.access.sign_in import MOST_GUESSES, Choice, SignedIn
from tests.support.cli_scene import Shell
from tests.support.http_scene import QUICK_PASSWORDS, Scene, api, is_problem, pointers
from tests.support.storage_scene import a_person

ANN, PASSWORD = "ann@example.com", "four words are quite enough"


@pytest.fixture
async def scene() -> AsyncIterator[Scene]:
    async with api() as running:
        await running.furnish()
        yield running


async def add(scene: Scene, email: str = ANN, role: Role = Role.SENDER, password: str | None = PASSWORD) -> Person:
    """In the tenant `cardinal`; an operator in none."""
    tenant_id = None if role is Role.OPERATOR else (await scene.use_cases.find_tenant("cardinal")).id
    people = scene.use_cases.manage_people
    person = await people.add(tenant_id, email, "Ann", role, by=Caller(who="test"))
    return await people.set_password(tenant_id, email, password, by=Caller(who="test")) if password else person


async def sign_in_as(scene: Scene, email: str = ANN, tenant_id: str | None = None, page: str = "") -> SignedIn:
    signed = await scene.use_cases.sign_in(email, PASSWORD, tenant_id, page)
    assert isinstance(signed, SignedIn)
    return signed


async def add_elsewhere(scene: Scene, *, slug: str = "bluefin", password: str | None = PASSWORD) -> Person:
    """Ann, too, but a viewer in another tenant."""
    more = {"slug": slug, "name": slug.title(), "servicetrade": {"username": "u", "password": "p"}}
    other = (await scene.call("POST", "/v1/tenants", more)).body["id"]
    people = scene.use_cases.manage_people
    person = await people.add(other, ANN, "Ann", Role.VIEWER, by=Caller(who="test"))
    return await people.set_password(other, ANN, password, by=Caller(who="test")) if password else person


async def test_the_right_password_opens_and_nothing_else_does(scene: Scene) -> None:
    await add(scene)
    sign_in = scene.use_cases.sign_in
    signed = await sign_in_as(scene, " Ann@Example.COM ")
    assert signed.person.email == ANN
    who = await sign_in.who(signed.token)
    assert who is not None
    assert (who.email, who.role) == (ANN, Role.SENDER)
    wrong = [(ANN, PASSWORD + "x"), (ANN, ""), (ANN, PASSWORD.upper()), ("bob@example.com", PASSWORD), ("", "")]
    for email, password in wrong:
        with pytest.raises(Unauthorized) as caught:
            await sign_in(email, password)
        assert (caught.value.code, "or the password" in caught.value.message) == ("SIGN_IN_REFUSED", True)
    assert await sign_in.who("") is None
    assert await sign_in.who(signed.token + "x") is None
    stored = repr(scene.transactions.rows.people)
    assert PASSWORD not in stored
    assert signed.token not in stored


async def test_somebody_without_a_password_comes_by_link_only(scene: Scene) -> None:
    await add(scene, password=None)
    for password in ("", "None", PASSWORD):
        with pytest.raises(Unauthorized):
            await scene.use_cases.sign_in(ANN, password)


async def test_an_address_that_two_tenants_know_offers_the_choice_unless_the_page_decides(scene: Scene) -> None:
    ann, other = await add(scene), await add_elsewhere(scene)
    choice = await scene.use_cases.sign_in(ANN, PASSWORD)
    assert isinstance(choice, Choice)
    assert [(one.person.id, one.tenant) for one in choice.accounts] == [
        (ann.id, "Cardinal Fire Protection"),
        (other.id, "Bluefin"),
    ]
    chosen = await scene.use_cases.sign_in.by_link(choice.accounts[1].token)
    assert chosen.person.id == other.id
    signed = await sign_in_as(scene, ANN, ann.tenant_id, "/t/cardinal/sends")
    assert (signed.person.id, signed.person.role, signed.page) == (ann.id, Role.SENDER, "/t/cardinal/sends")


async def test_only_accounts_whose_password_is_right_are_offered(scene: Scene) -> None:
    ann = await add(scene)
    await add_elsewhere(scene, password="quite another four words")
    await add_elsewhere(scene, slug="third", password=None)
    assert (await sign_in_as(scene)).person.id == ann.id


async def test_a_page_of_a_tenant_that_does_not_know_them_leads_home(scene: Scene) -> None:
    ann = await add(scene)
    other = await scene.call(
        "POST", "/v1/tenants", {"slug": "bluefin", "name": "B", "servicetrade": {"username": "u", "password": "p"}}
    )
    signed = await sign_in_as(scene, ANN, other.body["id"], "/t/bluefin/sends")
    assert (signed.person.id, signed.page) == (ann.id, "")


async def test_an_operator_is_offered_beside_people_with_the_same_address_and_password(scene: Scene) -> None:
    ann = await add(scene)
    operator = await add(scene, role=Role.OPERATOR)
    for tenant_id in (None, ann.tenant_id):
        choice = await scene.use_cases.sign_in(ANN, PASSWORD, tenant_id)
        assert isinstance(choice, Choice)
        assert {one.person.id: one.tenant for one in choice.accounts} == {
            ann.id: "Cardinal Fire Protection",
            operator.id: "",
        }


async def test_a_browser_is_known_until_the_password_changes(scene: Scene) -> None:
    person = await add(scene)
    sign_in = scene.use_cases.sign_in
    mark = (await sign_in_as(scene)).mark
    assert await sign_in.knows(" ANN@example.com", mark)
    nonce, _, signed = mark.partition(".")
    for forged in ("", ".", nonce, f"{nonce}.", f"x{nonce}.{signed}", f"{nonce}.{signed[:-1]}", mark + "x"):
        assert not await sign_in.knows(ANN, forged)
    await add(scene, email="bob@example.com")
    assert not await sign_in.knows("bob@example.com", mark)
    assert not await sign_in.knows("nobody@example.com", mark)
    assert await sign_in.who(mark) is None, "it lets nobody in"
    await scene.use_cases.manage_people.set_password(person.tenant_id, ANN, "x" + PASSWORD, by=Caller(who="test"))
    assert not await sign_in.knows(ANN, mark)


async def test_the_own_password_is_guessed_a_few_times_only_and_then_the_session_ends(scene: Scene) -> None:
    ann = await add(scene)
    sign_in, new = scene.use_cases.sign_in, "quite another four words"
    token = (await sign_in_as(scene)).token
    guesses = [sign_in.change_password(ann, token, f"guess {number}", new) for number in range(3 * MOST_GUESSES)]
    refused = await asyncio.gather(*guesses, return_exceptions=True)
    assert sum(isinstance(one, BadInput) for one in refused) == MOST_GUESSES - 1, "also all at once"
    assert sum(isinstance(one, Unauthorized) for one in refused) == 2 * MOST_GUESSES + 1
    assert await sign_in.who(token) is None
    with pytest.raises(Unauthorized):
        await sign_in.change_password(ann, token, PASSWORD, new)
    audit = [one.action for one in (await scene.use_cases.list_audit(ann.tenant_id or "")).entries]
    assert audit.count("person.session_ended") == 1
    for number in range(2 * MOST_GUESSES):
        token = (await sign_in_as(scene)).token
        if number % 2:
            continue
        with pytest.raises(BadInput):
            await sign_in.change_password(ann, token, "typed wrong", new)
    assert (await sign_in.change_password(ann, token, PASSWORD, new)).person.id == ann.id, "whoever knows it goes on"


async def test_more_sessions_are_no_more_guesses_of_the_own_password(scene: Scene) -> None:
    """Whoever has stolen an administrator's session can make links for the same person."""
    ann = await add(scene, role=Role.ADMINISTRATOR)
    sign_in, new = scene.use_cases.sign_in, "quite another four words"
    checked = 0
    for number in range(3 * MOST_GUESSES):
        link = await sign_in.make_link(ann.tenant_id, ANN, by=Caller(person=ann))
        token = (await sign_in.by_link(link.url.rpartition("/")[2])).token
        try:
            await sign_in.change_password(ann, token, f"guess {number}", new)
        except BadInput:
            checked += 1
        except Unauthorized:
            assert await sign_in.who(token) is None
    assert checked == MOST_GUESSES - 1
    token = (await sign_in_as(scene)).token
    assert (await sign_in.change_password(ann, token, PASSWORD, new)).person.id == ann.id, "whoever knows it goes on"


@pytest.mark.parametrize("what", ["password", "role"])
async def test_no_link_of_before_lets_somebody_in_after_a_change(scene: Scene, what: str) -> None:
    """Whoever has stolen a session could have made one, and a link opens what the person could do before."""
    ann = await add(scene, role=Role.ADMINISTRATOR)
    sign_in, people, by = scene.use_cases.sign_in, scene.use_cases.manage_people, Caller(who="test")
    link = await sign_in.make_link(ann.tenant_id, ANN, by=Caller(person=ann))
    if what == "password":
        await sign_in.change_password(ann, (await sign_in_as(scene)).token, PASSWORD, "quite another four words")
    else:
        await people.set_role(ann.tenant_id or "", ANN, Role.VIEWER, by=by)
    with pytest.raises(Unauthorized):
        await sign_in.by_link(link.url.rpartition("/")[2])


async def test_a_session_ends_when_idle_when_old_when_told_and_with_another_password(scene: Scene) -> None:
    await add(scene)
    sign_in = scene.use_cases.sign_in
    token = (await sign_in_as(scene)).token
    for _ in range(3):
        scene.clock.advance((IDLE - timedelta(minutes=1)).total_seconds())
        assert await sign_in.who(token), "used now and then, it lives on"
    scene.clock.advance(IDLE.total_seconds())
    assert await sign_in.who(token) is None
    token = (await sign_in_as(scene)).token
    for _ in range(int(LONGEST_SESSION / timedelta(hours=6))):
        scene.clock.advance(6 * 3600)
        alive = await sign_in.who(token)
    assert alive is None, "however busy"
    token, other = (await sign_in_as(scene)).token, (await sign_in_as(scene)).token
    await sign_in.out(token)
    await sign_in.out(token)
    assert await sign_in.who(token) is None
    assert await sign_in.who(other)
    tenant = await scene.use_cases.find_tenant("cardinal")
    await scene.use_cases.manage_people.set_role(tenant.id, ANN, Role.VIEWER, by=Caller(who="test"))
    assert await sign_in.who(other) is None


@pytest.mark.parametrize(
    "password", ["", "short", "x" * 201, "aaaaaaaaaaaaaa", "ann@example.com", "password1234", "Ann123456789"]
)
async def test_a_password_that_is_guessed_first_is_refused(scene: Scene, password: str) -> None:
    await add(scene, password=None)
    tenant = await scene.use_cases.find_tenant("cardinal")
    with pytest.raises(BadInput) as caught:
        await scene.use_cases.manage_people.set_password(tenant.id, ANN, password, by=Caller(who="test"))
    assert caught.value.code == "PASSWORD_WEAK"
    assert not password or password not in caught.value.message.partition(":")[0]


async def test_people_are_named_rightly_and_once(scene: Scene) -> None:
    await add(scene)
    tenant = await scene.use_cases.find_tenant("cardinal")
    people = scene.use_cases.manage_people
    with pytest.raises(Conflict):
        await people.add(tenant.id, "ANN@example.com", "Ann", Role.VIEWER, by=Caller(who="test"))
    for email, name, role in (("nobody", "A", Role.VIEWER), ("a@b", "", Role.VIEWER), ("a@b", "A", Role.OPERATOR)):
        with pytest.raises(BadInput):
            await people.add(tenant.id, email, name, role, by=Caller(who="test"))
    with pytest.raises(BadInput):
        await people.add(None, "a@b", "A", Role.SENDER, by=Caller(who="test"))
    audit = [one.action for one in (await scene.use_cases.list_audit(tenant.id)).entries]
    assert {"person.added", "person.password_set"} <= set(audit)


async def test_what_a_role_may_do() -> None:
    def may(role: Role) -> set[Scope]:
        tenant = None if role is Role.OPERATOR else "ten_1"
        return {scope for scope in Scope if Caller(person=a_person(tenant_id=tenant, role=role)).may(scope)}

    assert may(Role.VIEWER) == {Scope.READ}
    assert may(Role.SENDER) == {Scope.READ, Scope.SEND, Scope.SETTLE}
    assert may(Role.ADMINISTRATOR) == may(Role.OPERATOR) == set(Scope)
    assert Caller(person=a_person()).tenant_id == "ten_1"
    assert Caller(person=a_person()).name == "ann1@example.com"


async def test_a_link_signs_in_once(scene: Scene) -> None:
    path = "/v1/tenants/cardinal/sign-in-links"
    page = "/t/cardinal/jobs/2412087334600705"
    made = await scene.call("POST", path, {"email": "New@Example.com", "role": "viewer", "page": page})
    assert made.status == 201, made.text
    head, _, token = made.body["url"].rpartition("/")
    assert head == "https://jobferry.example.com/sign-in"
    ends = await asyncio.gather(*(scene.use_cases.sign_in.by_link(token) for _ in range(4)), return_exceptions=True)
    [signed] = [one for one in ends if not isinstance(one, BaseException)]
    assert (signed.person.email, signed.person.role, signed.page) == ("new@example.com", Role.VIEWER, page)
    assert all(one.code == "LINK_USED" for one in ends if isinstance(one, Unauthorized))
    again = await scene.call("POST", path, {"email": "new@example.com"})
    scene.clock.advance(601)
    with pytest.raises(Unauthorized):
        await scene.use_cases.sign_in.by_link(again.body["url"].rpartition("/")[2])
    assert is_problem(await scene.call("POST", path, {"email": "bob@example.com"}), 404, "PERSON_NOT_FOUND")
    refused = await scene.call("POST", path, {"email": "new@example.com", "page": "//evil.example.com"})
    assert is_problem(refused, 422, "PERSON_INVALID")
    assert pointers(refused) == ["/page"]
    assert token not in repr(scene.transactions.rows.people)


@pytest.mark.parametrize("page", ["", "t/x", "//evil", "https://evil", "/\\evil", "/a\nb", "/" + "x" * 500, "/é"])
def test_a_page_stays_in_the_console(page: str) -> None:
    assert not is_page(page)
    assert is_page("/t/cardinal?state=sent")


async def test_an_old_hash_is_made_anew_with_the_next_sign_in(scene: Scene) -> None:
    await add(scene)
    rows = scene.transactions.rows.people
    weak = Argon2Passwords(PasswordHasher(time_cost=2, memory_cost=8, parallelism=1))
    [(person_id, (person, _))] = rows.people.items()
    rows.people[person_id] = (person, await weak.hash(PASSWORD))
    assert QUICK_PASSWORDS.outdated(rows.people[person_id][1] or "")
    signed = await sign_in_as(scene)
    assert not QUICK_PASSWORDS.outdated(scene.transactions.rows.people.people[person_id][1] or "")
    assert await scene.use_cases.sign_in.who(signed.token)


async def test_the_default_hash_is_argon2id_and_nonsense_is_not_right() -> None:
    passwords = Argon2Passwords()
    stored = await passwords.hash(PASSWORD)
    assert stored.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
    assert await passwords.right_of([stored], PASSWORD) == {stored}
    for stored_ones, tried in (([stored], PASSWORD + " "), (["nonsense", "$$"], PASSWORD), ([], "nobody's")):
        assert await passwords.right_of(stored_ones, tried) == frozenset()
    assert await passwords.right_of(["nonsense", stored], PASSWORD) == {stored}
    assert PasswordHasher().verify(stored, PASSWORD)


async def test_people_sign_in_while_all_the_usual_threads_wait_for_names_of_hosts() -> None:
    stored = await QUICK_PASSWORDS.hash(PASSWORD)
    loop, found = asyncio.get_running_loop(), threading.Event()
    loop.set_default_executor(ThreadPoolExecutor(2))
    looking_up = [loop.run_in_executor(None, found.wait, 20) for _ in range(3)]
    try:
        async with asyncio.timeout(10):
            assert await QUICK_PASSWORDS.right_of([stored], PASSWORD) == {stored}
        assert not any(one.done() for one in looking_up)
    finally:
        found.set()
        await asyncio.gather(*looking_up)


@pytest.fixture
def computed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The password of each Argon2 hash that is computed."""
    passwords: list[str] = []

    def counting(name: str) -> None:
        whole = getattr(PasswordHasher, name)

        def counted(self: PasswordHasher, *given: Any, **more: Any) -> Any:
            passwords.append(given[-1])
            return whole(self, *given, **more)

        monkeypatch.setattr(PasswordHasher, name, counted)

    counting("hash")
    counting("verify")
    return passwords


async def add_to_tenants(scene: Scene, count: int) -> None:
    """Each with another password."""
    for number in range(count):
        await add_elsewhere(scene, slug=f"tenant-{number}", password=f"the words of tenant {number}")


async def test_a_sign_in_takes_one_hash_however_many_tenants_know_the_address(
    scene: Scene, computed: list[str]
) -> None:
    await add(scene)
    await add_to_tenants(scene, 6)
    sign_in = scene.use_cases.sign_in
    with pytest.raises(Unauthorized):
        await sign_in("first@example.com", "makes the hash of nobody")
    for email, password in ((ANN, "wrong words"), ("nobody@example.com", "wrong words"), (ANN, PASSWORD)):
        computed.clear()
        with nullcontext() if password == PASSWORD else pytest.raises(Unauthorized):
            await sign_in(email, password)
        assert computed == [password]
    assert isinstance(await sign_in(ANN, "the words of tenant 4"), SignedIn)
    assert isinstance(await sign_in(ANN, "the words of tenant 0"), SignedIn)


async def test_first_passwords_at_the_same_time_are_compared_with_one_hash(scene: Scene, computed: list[str]) -> None:
    await asyncio.gather(*(add_elsewhere(scene, slug=f"tenant-{number}") for number in range(5)))
    await scene.use_cases.sign_in(ANN, PASSWORD)
    computed.clear()
    with pytest.raises(Unauthorized):
        await scene.use_cases.sign_in(ANN, "wrong words")
    assert computed == ["wrong words"]


async def test_hashes_of_before_are_compared_one_by_one_until_their_next_sign_in(
    scene: Scene, computed: list[str]
) -> None:
    """Each had a salt of its own. Who signs in gets that of the address."""
    await add_to_tenants(scene, 4)
    rows = scene.transactions.rows.people
    for number, (person_id, (person, _)) in enumerate([*rows.people.items()]):
        rows.people[person_id] = (person, await QUICK_PASSWORDS.hash(f"the words of tenant {number}"))
    for left in (4, 3, 2, 1):
        computed.clear()
        with pytest.raises(Unauthorized):
            await scene.use_cases.sign_in(ANN, "wrong words")
        assert computed.count("wrong words") == left
        assert isinstance(await scene.use_cases.sign_in(ANN, f"the words of tenant {(5 - left) % 4}"), SignedIn)


def test_the_command_line_manages_people(shell: Shell) -> None:
    assert shell("people", "add", "Ann@example.com", "--name", "Ann").code == 0
    assert shell("people", "add", "ops@example.com", "--name", "Ops", "--operator").code == 0
    assert shell("people", "password", "ann@example.com", "--password-stdin", stdin=PASSWORD + "\n").code == 0
    weak = shell("people", "password", "ann@example.com", "--password-stdin", stdin="short\n")
    assert weak.code == 2
    [ann] = shell("people", "list", "--json").document()["items"]
    assert (ann["email"], ann["role"], ann["has_password"]) == ("ann@example.com", "sender", True)
    [ops] = shell("people", "list", "--operator", "--json").document()["items"]
    assert ops["role"] == "operator"
    assert shell("people", "role", "ann@example.com", "administrator").code == 0
    link = shell("people", "link", "ann@example.com", "--page", "/t/cardinal")
    assert link.out.startswith("http://127.0.0.1:8480/sign-in/")
    assert shell("people", "remove", "ann@example.com").code == 0
    gone = shell("people", "link", "ann@example.com")
    assert (gone.code, "nobody called" in gone.told) == (1, True)
    assert "person.removed" in shell("audit", "list").out


@pytest.mark.parametrize("host", ["[::1]:80@", "[", "@", "a:99999999", ":"])
def test_a_host_that_is_no_host_is_not_this_machine(host: str) -> None:
    assert not is_local(make_mocked_request("GET", "/", headers={"Host": host}).clone(remote="127.0.0.1"))


@pytest.mark.parametrize("origin", ["https://[::1]:80@", "https://[", "https://a:99999999"])
def test_an_origin_that_is_no_address_is_not_ours(origin: str) -> None:
    assert not is_same_origin(make_mocked_request("POST", "/", headers={"Host": "a", "Origin": origin}))
