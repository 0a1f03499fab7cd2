"""The codes that a send lacks, set on the page that shows the failure; then the send goes again."""

from __future__ import annotations

from adapters.inbound.console.handlers.codes.code_inputs import given_codes, once_of, sent_page, typed_codes
from adapters.inbound.console.handlers.sends import shown_send
from adapters.inbound.console.page_request import Redirect, Rendered, TenantRequest
from core.model.shared.errors import CallerMends
from core.services.mappings.code_set_meanwhile import CodeSetMeanwhile


async def set_codes_of_send(request: TenantRequest) -> Rendered | Redirect:
    """Save the codes and retry the send, and the others that they free if this is ticked. Or only save."""
    send_id, form = request.path["send_id"], request.form
    try:
        given = given_codes(form)
        if form.get("do") == "save":
            shown = await request.use_cases.show_send(request.tenant.id, send_id)
            await request.use_cases.set_codes.save(request.tenant.id, shown.connection.slug, given, by=request.by)
            return Redirect(f"{request.home}/sends/{send_id}")
        others = bool(form.get("others"))
        sent = await request.use_cases.set_codes.retry(
            request.tenant.id, send_id, given, others=others, by=request.by, once=once_of(form, send_id)
        )
    except CodeSetMeanwhile as error:  # the fields show theirs
        return await shown_send(request, error)
    except CallerMends as error:
        return await shown_send(request, error, typed_codes(form))
    return Redirect(f"{request.home}/{sent_page(sent)}")
