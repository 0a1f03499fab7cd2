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

  // Where a page is not told of changes (the person has too many pages open, or a proxy refuses it), it looks now and
  // then. The connection is tried again meanwhile, and ends that. Such a part knows the event look-again.
  const NOW_AND_THEN = 15000;
  const looking = new Map();

  document.addEventListener("htmx:sseError", (event) => {
    const place = event.target;
    if (looking.has(place) || event.detail.source.readyState !== EventSource.CLOSED) return;
    looking.set(place, setInterval(() => {
      const part = place.isConnected && place.querySelector("[hx-trigger~=look-again]");
      if (part) htmx.trigger(part, "look-again");
      else stop(place); // nothing changes here any more
    }, NOW_AND_THEN));
  });

  const stop = (place) => {
    clearInterval(looking.get(place));
    looking.delete(place);
  };
  for (const over of ["htmx:sseOpen", "htmx:sseClose"]) document.addEventListener(over, (event) => stop(event.target));

  // A part with the class keeps-typed shows what somebody has just chosen in one of its forms. What was typed or chosen
  // in its other forms is put back, also if such a form comes back only with a later choice. Its fields need an id.
  const typed = new Map();

  document.addEventListener("htmx:beforeSwap", (event) => {
    const part = event.detail.target;
    if (!part || !part.matches(".keeps-typed")) return;
    const asking = event.detail.requestConfig.elt;
    for (const field of part.querySelectorAll(FIELDS)) {
      if (!field.id || asking.contains(field)) continue;
      if (!filled(field)) { typed.delete(field.id); continue; }
      const caret = field === document.activeElement && field.matches("input:not([type=checkbox], [type=radio]), textarea");
      const { value, checked } = field;
      typed.set(field.id, { value, checked, caret: caret ? [field.selectionStart, field.selectionEnd] : null });
    }
  });

  // At once after the swap: a key that is pressed in between must not get lost.
  document.addEventListener("htmx:afterSwap", (event) => {
    if (!event.target.matches(".keeps-typed")) return;
    for (const [id, was] of typed) {
      const field = document.getElementById(id);
      if (!field || !event.target.contains(field)) continue;
      if (field.matches("[type=checkbox], [type=radio]")) field.checked = was.checked;
      else field.value = was.value;
      if (was.caret && field === document.activeElement) field.setSelectionRange(...was.caret);
    }
  });

  document.addEventListener("htmx:load", (event) => {
    if (!event.detail.elt.matches(".keeps-open")) return;
    for (const one of event.detail.elt.querySelectorAll("details")) if (open.has(one.id)) one.open = true;
  });
}
