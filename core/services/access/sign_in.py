"""Sign in to the console (by password, by a link that works once or with an identity provider) and sign out."""

from __future__ import annotations

import base64
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from core.model.access.caller import Caller
from core.model.access.person import (
    LINK_LIVES,
    SCOPES,
    TOKEN_BYTES,
    Person,
    Role,
    Session,
    SignInLink,
    is_page,
    token_digest,
)
from core.model.operations.audit import AuditEntry
from core.model.shared.errors import BadInput, FieldError, Forbidden, NotFound, Unauthorized
from core.services.access.manage_people import ManagePeople
from core.services.service import Dependencies, Service
from ports.identity import AuthorizationRequest, Identity

_log = structlog.get_logger()
LINK_PATH = "/sign-in/"
IDENTITY_PATH = f"{LINK_PATH}oidc"
"""Never the path of a sign-in link, because link tokens are longer."""
_SEEN_EVERY = timedelta(minutes=5)
"""The precision of a session's last-seen time."""


@dataclass(frozen=True, slots=True)
class SignedIn:
    """`token` is kept by the browser and not stored here. `page` is where to go next, '' for home."""

    person: Person
    token: str
    page: str = ""


@dataclass(frozen=True, slots=True)
class NewLink:
    """`url` signs in once and is not stored. It is only a path if this installation has no public address."""

    url: str
    expires_at: datetime


class SignIn(Service):
    def __init__(self, d: Dependencies, people: ManagePeople) -> None:
        super().__init__(d)
        self._people = people

    async def __call__(self, email: str, password: str, tenant_id: str | None = None) -> SignedIn:
        """Sign in by password. `tenant_id` selects the tenant if people of several tenants have this address.

        Raises Unauthorized (SIGN_IN_REFUSED), which never says whether the address or the password was wrong.
        """
        async with self._transactions.begin_instance() as i:
            found = await i.credentials.people_with(email.strip().lower())
        found = [one for one in found if tenant_id is None or one[0].tenant_id in (tenant_id, None)]
        right = [one for one in found if await self._passwords.verify(one[1], password)]
        if not found:
            await self._passwords.verify(None, password)
        if len(right) != 1:
            _log.info("sign_in.refused", candidates=len(found))
            raise Unauthorized(
                "The e-mail address or the password is not right.",
                code="SIGN_IN_REFUSED",
                fix="Try again, or ask your administrator for a sign-in link.",
            )
        person, stored = right[0]
        hashed = await self._passwords.hash(password) if self._passwords.outdated(stored) else None
        return await self.begin(person, "person.signed_in", hashed=hashed)

    async def change_password(self, person: Person, present: str, password: str) -> SignedIn:
        """Change the person's own password. All their sessions end, and a new one begins. `present` is not checked for
        a person without a password. Raises BadInput (PASSWORD_WRONG, PASSWORD_WEAK), NotFound (PERSON_NOT_FOUND)."""
        async with self._transactions.begin_instance() as i:
            found = await i.credentials.people_with(person.email)
        stored = next((hashed for one, hashed in found if one.id == person.id), None)
        if stored is not None and not await self._passwords.verify(stored, present):
            _log.info("password.refused", person=person.id)
            raise BadInput(
                "Your present password is not right.",
                code="PASSWORD_WRONG",
                fix="Try again, or ask your administrator for a sign-in link.",
            )
        changed = await self._people.set_password(person.tenant_id, person.email, password, by=person.email)
        return await self.begin(changed, "person.signed_in")

    async def make_link(
        self, tenant_id: str | None, email: str, *, name: str = "", role: Role | None = None, page: str = "", by: Caller
    ) -> NewLink:
        """Make a sign-in link for a known person or, with `role`, for a new one. Raises NotFound (PERSON_NOT_FOUND),
        BadInput, Forbidden (SCOPE_MISSING) if the person has a scope that `by` lacks, since `by` could use the link."""
        if page and not is_page(page):
            detail = "a path of the console, such as /t/cardinal/jobs/2412087334600705"
            errors = [FieldError("/page", detail)]
            raise BadInput(f"The page must be {detail}.", code="PERSON_INVALID", fix="Correct it.", errors=errors)
        email = email.strip().lower()
        person = await self._people.find(tenant_id, email)
        if person is None and role is None:
            raise NotFound(
                f"There is nobody called {email}.", code="PERSON_NOT_FOUND", fix="Give a role to add a new person."
            )
        wanted = person.role if person else role or Role.VIEWER
        if denied := sorted(scope for scope in SCOPES[wanted] if not by.may(scope)):
            raise Forbidden(
                f"This person may do more than you, so you cannot make a link for them: {', '.join(denied)}.",
                fix="Use a key with the same rights, or let the operator make the link.",
            )
        if person is None:
            person = await self._people.add(tenant_id, email, name or email, wanted, by=by.name)
        token, expires_at = self._token(), self._clock.now() + LINK_LIVES
        link = SignInLink(
            digest=token_digest(token), person_id=person.id, tenant_id=tenant_id, page=page, expires_at=expires_at
        )
        async with self._transactions.begin_instance() as i:
            await i.credentials.keep_link(link)
        await self._audit(person, "person.link_made", by.name)
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
        return await self.begin(person, "person.signed_in_by_link", page=link.page)

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
        """Sign out. Signing out twice is no error."""
        async with self._transactions.begin_instance() as i:
            await i.credentials.end_session(token_digest(token))

    async def begin(self, person: Person, action: str, *, page: str = "", hashed: str | None = None) -> SignedIn:
        """Begin a session for an authenticated person. `action` says for the audit how they signed in."""
        token, now = self._token(), self._clock.now()
        session = Session(
            digest=token_digest(token), person_id=person.id, tenant_id=person.tenant_id, created_at=now, seen_at=now
        )
        async with self._transactions.begin_instance() as i:
            if hashed:
                await i.credentials.rehash(person.id, hashed)
            await i.credentials.begin_session(session)
        await self._audit(person, action, person.email)
        return SignedIn(person, token, page)

    async def _audit(self, person: Person, action: str, by: str) -> None:
        if person.tenant_id:
            async with self._transactions.begin(person.tenant_id) as t:
                await t.audit.record(AuditEntry(self._clock.now(), by, action, person.id, {"email": person.email}))
        _log.info(action, person=person.id, tenant_id=person.tenant_id)

    def _token(self) -> str:
        return base64.urlsafe_b64encode(self._random.token(TOKEN_BYTES)).decode().rstrip("=")


class SignInByIdentity(Service):
    """Sign in with an identity provider that the operator trusts, if there is one. It never adds a person."""

    def __init__(self, d: Dependencies, sign_in: SignIn) -> None:
        super().__init__(d)
        self._sign_in = sign_in

    @property
    def name(self) -> str:
        """The provider's display name, '' for none."""
        return self._identity.name if self._identity else ""

    async def begin(self, page: str) -> AuthorizationRequest:
        """Raises NotFound (IDENTITY_NOT_FOUND), TimeMends (IDENTITY_UNREACHABLE), OperatorMends (IDENTITY_SETUP)."""
        return await self._there().begin(page)

    async def finish(
        self, answer: Mapping[str, str], kept: str, tenant_of: Callable[[str], Awaitable[str | None]]
    ) -> SignedIn:
        """Sign in with the provider's answer. `tenant_of` gives the tenant of the requested page; it selects the person
        if several tenants know the address. Raises as `begin` does, and Unauthorized (IDENTITY_REFUSED).
        """
        verified = await self._there().finish(answer, kept)
        tenant_id = await tenant_of(verified.page)
        async with self._transactions.begin_instance() as i:
            known = await i.credentials.people_with(verified.email.strip().lower())
        people = [person for person, _ in known if tenant_id is None or person.tenant_id in (tenant_id, None)]
        if len(people) != 1:
            _log.info("sign_in.refused", candidates=len(people))
            raise self._nobody() if not people else self._several()
        return await self._sign_in.begin(people[0], "person.signed_in_by_identity", page=verified.page)

    def _there(self) -> Identity:
        if self._identity is None:
            raise NotFound(
                "Here you can sign in only with a password or a link.",
                code="IDENTITY_NOT_FOUND",
                fix="Sign in on the sign-in page.",
            )
        return self._identity

    def _nobody(self) -> Unauthorized:
        return Unauthorized(
            f"{self.name} confirmed your e-mail address, but nobody here has that address.",
            code="IDENTITY_REFUSED",
            fix="Ask an administrator of your account to add you, or sign in there with another address.",
        )

    def _several(self) -> Unauthorized:
        return Unauthorized(
            "Your e-mail address belongs to more than one account here.",
            code="IDENTITY_REFUSED",
            fix="Open a page of the account that you want, such as a link to one of its jobs, and sign in from there.",
        )
