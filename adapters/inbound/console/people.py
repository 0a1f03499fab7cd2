"""People of a tenant, or the operators: added, given a role, let in by a link, removed. Never oneself."""

from __future__ import annotations

from http import HTTPStatus

from adapters.inbound.console.visit import Arrival, Drawn, GoTo, Visit
from adapters.inbound.server.problem import status_of
from core.model.access.person import Person, Role
from core.model.shared.errors import BadInput, Conflict, JobferryError, NotFound
from core.services.access.sign_in import NewLink

ROLES = {
    Role.VIEWER: "Viewer: looks at everything",
    Role.SENDER: "Sender: sends, tries again, settles doubts",
    Role.ADMINISTRATOR: "Administrator: may do everything here",
}


async def list_people(visit: Arrival) -> Drawn:
    return await _drawn(visit)


async def add_person(visit: Arrival) -> Drawn | GoTo:
    try:
        await visit.use_cases.manage_people.add(
            visit.owner_id, visit.form.get("email", ""), visit.form.get("name", ""), _role(visit), by=visit.by
        )
    except (BadInput, Conflict) as error:
        return await _drawn(visit, error=error)
    return GoTo(f"{visit.home}/people?done=added")


async def set_role(visit: Visit) -> GoTo:
    person = await _somebody_else(visit)
    await visit.use_cases.manage_people.set_role(visit.tenant.id, person.email, _role(visit), by=visit.by)
    return GoTo(f"{visit.home}/people?done=changed")


async def make_link(visit: Arrival) -> Drawn:
    """Answered by the page itself: whoever has the link is that person, so nothing keeps it."""
    person = await _one(visit)
    link = await visit.use_cases.sign_in.make_link(visit.owner_id, person.email, by=visit.caller)
    return await _drawn(visit, link=link, of=person)


async def remove_person(visit: Arrival) -> GoTo:
    person = await _somebody_else(visit)
    await visit.use_cases.manage_people.remove(visit.owner_id, person.email, by=visit.by)
    return GoTo(f"{visit.home}/people?done=removed")


def _role(visit: Arrival) -> Role:
    """Raises BadInput."""
    if visit.owner_id is None:
        return Role.OPERATOR
    asked = visit.form.get("role", "")
    if asked not in ROLES:
        raise BadInput("There is no such role.", fix="Choose viewer, sender or administrator.")
    return Role(asked)


async def _one(visit: Arrival) -> Person:
    """Raises NotFound (PERSON_NOT_FOUND), for another tenant's just as for nobody."""
    for person in await visit.use_cases.manage_people.list(visit.owner_id):
        if person.id == visit.path["person"]:
            return person
    raise NotFound("There is nobody like this here.", code="PERSON_NOT_FOUND", fix="Somebody removed them meanwhile.")


async def _somebody_else(visit: Arrival) -> Person:
    """Whoever takes away their own rights may be the last who could give them back."""
    person = await _one(visit)
    if person.id == visit.person.id:
        raise Conflict("You cannot remove yourself or change your own role.", fix="Let somebody else do it.")
    return person


async def _drawn(
    visit: Arrival, *, error: JobferryError | None = None, link: NewLink | None = None, of: Person | None = None
) -> Drawn:
    return Drawn(
        "people.html",
        {
            "people": await visit.use_cases.manage_people.list(visit.owner_id),
            "roles": ROLES if visit.owner_id else {},
            "error": error,
            "link": link,
            "of": of,
            "filled": visit.form if error else {},
            "done": visit.query.get("done", ""),
        },
        status_of(error) if error else HTTPStatus.OK,
    )
