"""Sign in to the console by password or by a link that works once, choose one of several accounts, and sign out."""

from __future__ import annotations

import base64
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import structlog

from core.model.access.caller import Caller
from core.model.access.known_browser import is_mark, mark_of
from core.model.access.person import (
    LINK_LIVES,
    SCOPES,
    TOKEN_BYTES,
    Person,
    Role,
    Session,
    SignInLink,
    address_of,
    is_page,
    token_digest,
)
from core.model.operations.audit import AuditEntry
from core.model.shared.errors import BadInput, FieldError, NotFound, Unauthorized
from core.services.access.manage_people import ManagePeople
from core.services.service import Dependencies, Service

_log = structlog.get_logger()
LINK_PATH = "/sign-in/"
IDENTITY_PATH = f"{LINK_PATH}oidc"
"""Never the path of a sign-in link, because link tokens are longer."""
_SEEN_EVERY = timedelta(minutes=5)
"""The precision of a session's last-seen time."""
MOST_GUESSES = 5
"""So many wrong present passwords of a person end the session that gives the last one, and each later session that
gives one, until the person signs in with the password: who has stolen a session may make more of them by links."""
_MOST_COUNTED = 10_000


@dataclass(frozen=True, slots=True)
class SignedIn:
    """`token` is kept by the browser and not stored here. `page` is where to go next, '' for home. `mark` lets the
    browser be known again (`SignIn.knows`), '' after a sign-in without a password."""

    person: Person
    token: str
    page: str = ""
    mark: str = ""


@dataclass(frozen=True, slots=True)
class Account:
    """A person to choose. `tenant` is the tenant's name, '' for an operator. `token` is of a sign-in link."""

    person: Person
    tenant: str
    token: str


@dataclass(frozen=True, slots=True)
class Choice:
    """Somebody proved an address that several people here have: one in each of several tenants, or an operator."""

    accounts: Sequence[Account]
    mark: str = ""


@dataclass(frozen=True, slots=True)
class NewLink:
    """`url` signs in once and is not stored. It is only a path if this installation has no public address."""

    url: str
    expires_at: datetime


class SignIn(Service):
    def __init__(self, d: Dependencies, people: ManagePeople) -> None:
        super().__init__(d)
        self._people = people
        self._guesses: OrderedDict[str, int] = OrderedDict()

    async def __call__(
        self, email: str, password: str, tenant_id: str | None = None, page: str = ""
    ) -> SignedIn | Choice:
        """Sign in by password. `page` is the requested page and `tenant_id` its tenant (see `enter`).

        Raises Unauthorized (SIGN_IN_REFUSED), which never says whether the address or the password was wrong.
        """
        async with self._transactions.begin_instance() as i:
            found = await i.credentials.people_with(address_of(email))
        hashes = [hashed for _, hashed in found if hashed]
        matching = await self._passwords.right_of(hashes, password)
        right = [(person, hashed) for person, hashed in found if hashed in matching]
        if not right:
            _log.info("sign_in.refused", candidates=len(found))
            raise Unauthorized(
                "The e-mail address or the password is not right.",
                code="SIGN_IN_REFUSED",
                fix="Try again, or ask your administrator for a sign-in link.",
            )
        person, hashed = right[0]
        for one, old in right:
            if self._passwords.outdated(old, hashes):
                new = await self._passwords.hash(password, hashes)
                hashed = new if one is person else hashed
                async with self._transactions.begin_instance() as i:
                    await i.credentials.rehash(one.id, old, new)
            self._guesses.pop(one.id, None)
        entered = await self.enter([one for one, _ in right], "person.signed_in", tenant_id=tenant_id, page=page)
        return replace(entered, mark=mark_of(self._token(), person.id, hashed))

    async def knows(self, email: str, mark: str) -> bool:
        """Whether somebody with this address has signed in with their present password from the browser with this
        mark."""
        if not mark:
            return False
        async with self._transactions.begin_instance() as i:
            found = await i.credentials.people_with(address_of(email))
        return any(is_mark(mark, person.id, hashed) for person, hashed in found if hashed)

    async def enter(
        self, people: Sequence[Person], action: str, *, tenant_id: str | None, page: str
    ) -> SignedIn | Choice:
        """Sign in one of these people with the same proven address. The tenant of the requested page (None for no
        tenant's page) leaves the person of this tenant and operators, if there are any. Among
        several that are left, the person chooses.
        """
        fitting = [one for one in people if tenant_id is None or one.tenant_id in (tenant_id, None)]
        if not fitting:
            fitting, page = list(people), ""
        if len(fitting) == 1:
            return await self._begin(fitting[0], action, page=page)
        return Choice([await self._account(one, page) for one in fitting])

    async def change_password(self, person: Person, token: str, present: str, password: str) -> SignedIn:
        """Change the person's own password. All their sessions end, and a new one begins. `present` is not checked for
        a person without a password. `token` is of the session that asks; see MOST_GUESSES for when that ends.

        Raises BadInput (PASSWORD_WRONG, PASSWORD_WEAK), Unauthorized (PASSWORD_WRONG) if the session has ended,
        NotFound (PERSON_NOT_FOUND).
        """
        async with self._transactions.begin_instance() as i:
            found = await i.credentials.people_with(person.email)
        stored = next((hashed for one, hashed in found if one.id == person.id), None)
        if stored is not None:
            await self._check_present(person, token, stored, present)
        changed = await self._people.set_password(person.tenant_id, person.email, password, by=Caller(person=person))
        return await self._begin(changed, "person.signed_in")

    async def _check_present(self, person: Person, token: str, stored: str, present: str) -> None:
        guess = self._guesses.pop(person.id, 0) + 1
        self._guesses[person.id] = guess  # before the check, since others may come meanwhile
        if len(self._guesses) > _MOST_COUNTED:
            self._guesses.popitem(last=False)
        if guess <= MOST_GUESSES and await self._passwords.right_of([stored], present):
            self._guesses.pop(person.id, None)
            return
        _log.info("password.refused", person=person.id, guess=guess)
        if guess < MOST_GUESSES:
            raise BadInput(
                "Your present password is not right.",
                code="PASSWORD_WRONG",
                fix="Try again, or ask your administrator for a sign-in link.",
            )
        if await self._end(token):
            await self._audit(person, "person.session_ended", person.email)
        raise Unauthorized(
            "Your present password was wrong too often, so you are signed out here.",
            code="PASSWORD_WRONG",
            fix="Sign in again with your password, then change it.",
        )

    async def make_link(
        self, tenant_id: str | None, email: str, *, name: str = "", role: Role | None = None, page: str = "", by: Caller
    ) -> NewLink:
        """Make a sign-in link for a known person or, with `role`, for a new one. Raises NotFound (PERSON_NOT_FOUND),
        BadInput, Forbidden (SCOPE_MISSING) if the person has a scope that `by` lacks, since `by` could use the link."""
        if page and not is_page(page):
            detail = "a path of the console, such as /t/cardinal/jobs/2412087334600705"
            errors = [FieldError("/page", detail)]
            raise BadInput(f"The page must be {detail}.", code="PERSON_INVALID", fix="Correct it.", errors=errors)
        email = address_of(email)
        person = await self._people.find(tenant_id, email)
        if person is None and role is None:
            raise NotFound(
                f"There is nobody called {email}.",
                code="PERSON_NOT_FOUND",
                fix="Correct the address, or add this person first.",
            )
        wanted = person.role if person else role or Role.VIEWER
        by.require(tenant_id, SCOPES[wanted], "This person may do more than you, so you cannot make a link for them")
        if person is None:
            person = await self._people.add(tenant_id, email, name or email, wanted, by=by)
        token, expires_at = await self._keep_link(person, page, by.name)
        return NewLink(f"{self._public_url}{LINK_PATH}{token}", expires_at)

    async def by_link(self, token: str) -> SignedIn:
        """Sign in by link. Raises Unauthorized (LINK_USED) if the link was used, has expired or is unknown."""
        async with self._transactions.begin_instance() as i:
            found = await i.credentials.use_link(token_digest(token), self._clock.now())
        if found is None:
            raise Unauthorized(
                "This link was used already, or is older than ten minutes.",
                code="LINK_USED",
                fix="Ask for a new one from the person or program that gave you this one.",
            )
        link, person = found
        return await self._begin(person, "person.signed_in_by_link", page=link.page)

    async def who(self, token: str, *, seen: bool = True) -> Person | None:
        """The person of a browser's token, None if the session has ended. `seen` resets the session's idle time."""
        digest, now = token_digest(token), self._clock.now()
        async with self._transactions.begin_instance() as i:
            found = await i.credentials.session(digest)
            if found is None:
                return None
            session, person = found
            if not session.alive(now):
                await i.credentials.end_session(digest)
                return None
            if seen and now - session.seen_at >= _SEEN_EVERY:
                await i.credentials.session_seen(digest, now)
        return person

    async def out(self, token: str) -> None:
        """Sign out."""
        person = await self.who(token, seen=False)
        if await self._end(token) and person:
            await self._audit(person, "person.signed_out", person.email)

    async def _end(self, token: str) -> bool:
        """End a session. Whether it had not ended before."""
        async with self._transactions.begin_instance() as i:
            return await i.credentials.end_session(token_digest(token))

    async def _account(self, person: Person, page: str) -> Account:
        """The sign-in link waits behind a button of the page that offers the choice."""
        tenant = ""
        if person.tenant_id:
            async with self._transactions.begin(person.tenant_id) as t:
                tenant = (await t.tenant()).name
        token, _ = await self._keep_link(person, page, person.email)
        return Account(person, tenant, token)

    async def _keep_link(self, person: Person, page: str, by: str) -> tuple[str, datetime]:
        token, expires_at = self._token(), self._clock.now() + LINK_LIVES
        link = SignInLink(
            digest=token_digest(token),
            person_id=person.id,
            tenant_id=person.tenant_id,
            page=page,
            expires_at=expires_at,
        )
        async with self._transactions.begin_instance() as i:
            await i.credentials.keep_link(link)
        await self._audit(person, "person.link_made", by)
        return token, expires_at

    async def _begin(self, person: Person, action: str, *, page: str = "") -> SignedIn:
        """Begin a session for an authenticated person. `action` says for the audit how they signed in."""
        token, now = self._token(), self._clock.now()
        session = Session(
            digest=token_digest(token), person_id=person.id, tenant_id=person.tenant_id, created_at=now, seen_at=now
        )
        async with self._transactions.begin_instance() as i:
            await i.credentials.begin_session(session)
        await self._audit(person, action, person.email)
        return SignedIn(person, token, page)

    async def _audit(self, person: Person, action: str, by: str) -> None:
        entry = AuditEntry(self._clock.now(), by, action, person.id, {"email": person.email})
        if person.tenant_id:
            async with self._transactions.begin(person.tenant_id) as t:
                await t.audit.record(entry)
        else:
            async with self._transactions.begin_instance() as i:
                await i.audit.record(entry)
        _log.info(action, person=person.id, tenant_id=person.tenant_id)

    def _token(self) -> str:
        return base64.urlsafe_b64encode(self._random.token(TOKEN_BYTES)).decode().rstrip("=")
