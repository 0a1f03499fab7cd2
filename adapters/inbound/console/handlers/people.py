"""People of a tenant, or the operators: add, change a role, make a link, remove; and the own password."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import urlencode

from adapters.inbound.console.forms import problems_of
from adapters.inbound.console.handlers.confirmation import ask, is_sure
from adapters.inbound.console.page_request import PageRequest, Redirect, Rendered, TenantRequest
from core.model.access.person import SHORTEST_PASSWORD, Person, Role
from core.model.shared.errors import BadInput, Conflict, JobferryError, NotFound
from core.services.access.sign_in import NewLink

SHOWN = 50
ROLES = {
    Role.VIEWER: "Viewer: may see everything",
    Role.SENDER: "Sender: may also send, retry and answer checks in Spectrum",
    Role.ADMINISTRATOR: "Administrator: may do everything here",
}


async def list_people(
    request: PageRequest, *, error: JobferryError | None = None, link: NewLink | None = None, of: Person | None = None
) -> Rendered:
    page = await request.use_cases.manage_people.page(
        request.owner_id, limit=SHOWN, after=request.query.get("after") or None
    )
    return Rendered(
        "access/people.html",
        {
            "people": page.people,
            "more": urlencode({"after": page.next_after}) if page.next_after else "",
            "roles": ROLES if request.owner_id else {},
            "link": link,
            "of": of,
            "filled": request.form if error else {},
            "problems": problems_of(error) if isinstance(error, BadInput) else {"email": ""} if error else {},
            "done": request.query.get("done", ""),
        },
        error=error,
    )


async def add_person(request: PageRequest) -> Rendered | Redirect:
    try:
        await request.use_cases.manage_people.add(
            request.owner_id,
            request.form.get("email", ""),
            request.form.get("name", ""),
            _role(request),
            by=request.caller,
        )
    except (BadInput, Conflict) as error:
        return await list_people(request, error=error)
    return Redirect(f"{request.home}/people?done=added")


async def set_role(request: TenantRequest) -> Redirect:
    person = await _somebody_else(request)
    await request.use_cases.manage_people.set_role(request.tenant.id, person.email, _role(request), by=request.caller)
    return Redirect(f"{request.home}/people?done=changed")


async def make_link(request: PageRequest) -> Rendered:
    """Show the link on this answer only: anybody who has it is signed in as that person, so it is not stored."""
    person = await _one(request)
    link = await request.use_cases.sign_in.make_link(request.owner_id, person.email, by=request.caller)
    if link.url.startswith("/"):  # the address under which this person sees the console
        link = replace(link, url=request.origin + link.url)
    return await list_people(request, link=link, of=person)


async def remove_person(request: PageRequest) -> Rendered | Redirect:
    person = await _somebody_else(request)
    if not is_sure(request):
        return ask(
            request,
            heading=f"Remove {person.name}?",
            lost=[
                f"{person.email} is signed out everywhere at once, and unused sign-in links stop working.",
                "Password and role are lost. What the person did stays in the audit.",
            ],
            button="Remove",
            back=f"{request.home}/people",
        )
    await request.use_cases.manage_people.remove(request.owner_id, person.email, by=request.caller)
    return Redirect(f"{request.home}/people?done=removed")


def _role(request: PageRequest) -> Role:
    """The chosen role. Raises BadInput."""
    if request.owner_id is None:
        return Role.OPERATOR
    asked = request.form.get("role", "")
    if asked not in ROLES:
        raise BadInput("There is no such role.", fix="Choose viewer, sender or administrator.")
    return Role(asked)


async def _one(request: PageRequest) -> Person:
    """The person in the address. Raises NotFound (PERSON_NOT_FOUND), also for a person of another tenant."""
    try:
        return await request.use_cases.manage_people.get(request.owner_id, request.path["person"])
    except NotFound as error:
        why = "This person does not exist here."
        raise NotFound(why, code="PERSON_NOT_FOUND", fix="Load the list of people again.") from error


async def _somebody_else(request: PageRequest) -> Person:
    """The person in the address. Raises Conflict if they are signed in: the last administrator could not undo it."""
    person = await _one(request)
    if person.id == request.person.id:
        raise Conflict("You cannot remove yourself or change your own role.", fix="Let somebody else do it.")
    return person


async def show_password(request: PageRequest, error: JobferryError | None = None, at: str = "") -> Rendered:
    """`at` is the field that the error is about."""
    problems = {at: ""} if error else {}
    content = {"shortest": SHORTEST_PASSWORD, "done": request.query.get("done", ""), "problems": problems}
    return Rendered("access/password.html", content, error=error)


async def change_password(request: PageRequest) -> Rendered | Redirect:
    wanted = request.form.get("password", "")
    if wanted != request.form.get("again", ""):
        different = BadInput("The two new passwords are not the same.", fix="Type the same new password twice.")
        return await show_password(request, different, at="again")
    try:
        signed = await request.use_cases.sign_in.change_password(
            request.person, request.session, request.form.get("present", ""), wanted
        )
    except BadInput as error:
        return await show_password(request, error, at="present" if error.code == "PASSWORD_WRONG" else "password")
    return Redirect("/password?done=changed", signed=signed)
