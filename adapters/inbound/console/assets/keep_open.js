"use strict";
// A part of a page that loads itself again keeps open what somebody opened, and waits while somebody fills in a form.
// Parts with the class keeps-open; what may be open needs an id.
{
  const WAIT = 5000;
  const FIELDS = "input:not([type=hidden]), select, textarea";
  let open = new Set();

  const filled = (field) =>
    field.matches("[type=checkbox], [type=radio]") ? field.checked !== field.defaultChecked
    : field.matches("select") ? [...field.options].some((one) => one.selected !== one.defaultSelected)
    : field.value !== field.defaultValue;

  const busy = (part) => [...part.querySelectorAll(FIELDS)].some((one) => one === document.activeElement || filled(one));

  document.addEventListener("htmx:beforeSwap", (event) => {
    const part = event.detail.target;
    if (!part || !part.matches(".keeps-open")) return;
    if (busy(part)) {
      event.detail.shouldSwap = false;
      setTimeout(() => htmx.trigger("#" + part.id, "look-again"), WAIT);
      return;
    }
    open = new Set([...part.querySelectorAll("details[open]")].map((one) => one.id));
  });

  document.addEventListener("htmx:load", (event) => {
    if (!event.detail.elt.matches(".keeps-open")) return;
    for (const one of event.detail.elt.querySelectorAll("details")) if (open.has(one.id)) one.open = true;
  });
}
