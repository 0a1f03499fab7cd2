// What pages do besides htmx. Every page works without it.
"use strict";

// The browser's time zone is offered for a tenant that has none.
for (const input of document.querySelectorAll("[data-browser-time-zone]")) {
  input.value ||= Intl.DateTimeFormat().resolvedOptions().timeZone ?? "";
}

// Where a form has errors, the first field with one is where people go on; else the message.
const wrong = document.querySelector("[aria-invalid=true]") ?? document.querySelector("main [role=alert]");
if (wrong) {
  if (wrong.tabIndex < 0) wrong.tabIndex = -1;
  wrong.focus();
}

// Copy buttons beside keys and links. Without the script, people select the field and copy it.
for (const input of document.querySelectorAll("[data-copy]")) {
  if (!navigator.clipboard) break; // only over https, and on this machine
  const button = document.createElement("button");
  button.type = "button";
  button.className = "quiet-button";
  const what = document.createElement("span");
  what.className = "spoken";
  what.textContent = ` ${input.labels[0].textContent}`;
  button.append("Copy", what);
  const said = document.createElement("span");
  said.className = "small";
  said.setAttribute("role", "status");
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(input.value);
      said.textContent = " Copied";
    } catch {
      input.select();
      said.textContent = " Press Ctrl+C to copy";
    }
  });
  input.after(button, said);
}
