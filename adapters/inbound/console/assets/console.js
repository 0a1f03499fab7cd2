// What pages do besides htmx. Every page works without it.
"use strict";

// The browser's time zone is offered for a tenant that has none.
for (const input of document.querySelectorAll("[data-browser-time-zone]")) {
  input.value ||= Intl.DateTimeFormat().resolvedOptions().timeZone ?? "";
}
