"use strict";
// Opens Jobferry with the address of the current tab. Jobferry finds the job in it; nothing is read of the page itself.

const say = (text) => { document.getElementById("said").textContent = text; };

const open = async (connection) => {
  const [tab] = await chrome.tabs.query({ active: true, currentWindow: true });
  if (!/^https?:/.test(tab?.url ?? "")) {
    say("This tab is not a page of ServiceTrade. Open the job there, then press the button again.");
    return;
  }
  const address = new URL(JOBFERRY.page);
  address.searchParams.set("page", tab.url);
  if (connection) address.searchParams.set("connection", connection);
  await chrome.tabs.create({ url: address.href, index: tab.index + 1, openerTabId: tab.id });
  window.close();
};

const entry = (words, connection) => {
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = words;
  button.addEventListener("click", () => open(connection));
  const item = document.createElement("li");
  item.append(button);
  document.getElementById("entries").append(item);
};

if (!JOBFERRY.page) {
  say("This copy does not know your Jobferry. Download it from Jobferry's page \"From ServiceTrade\", which fills that in.");
} else if (JOBFERRY.connections.length < 2) {
  open("");
} else {
  for (const one of JOBFERRY.connections) entry(`Send Job to ${one.name}`, one.slug);
  entry("Open the Send menu", "");
}
