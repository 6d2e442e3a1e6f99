// The views, the head of the page, and the stream of events that keeps all of them current.

import { api, attempt, say } from "./api.js";
import { closeDetails, hasUnsaved } from "./details.js";
import { button, copyButton, element, fill } from "./dom.js";
import { loadFaults, openFaults } from "./faults.js";
import { loadIntegrations, openIntegrations } from "./integrations.js";
import { chooseRecords, drawRecords, openRecords, recordsChanged } from "./records.js";
import { addRequest, loadRequests, openRequests } from "./requests.js";
import { addDelivery, drawIntegrationChoice, loadDeliveries, loadReceivers, openWebhooks } from "./webhooks.js";

const tabs = [...document.querySelectorAll("[role=tab]")];
const connection = document.getElementById("connection");
const clock = document.getElementById("clock");
let status = null;

// The views.

function show(name, ...parts) {
  const tab = tabs.find((each) => each.id === `tab-${name}`) ?? tabs[0];
  const isOther = tab.getAttribute("aria-selected") !== "true";
  for (const each of tabs) {
    each.setAttribute("aria-selected", String(each === tab));
    each.tabIndex = each === tab ? 0 : -1;
    document.getElementById(each.getAttribute("aria-controls")).hidden = each !== tab;
  }
  if (isOther) closeDetails();
  if (tab.id === "tab-records") parts.length ? chooseRecords(...parts) : recordsChanged(null);
}

function showByLocation() {
  try {
    show(...location.hash.slice(1).split("/").map(decodeURIComponent));
  } catch (error) {
    if (!(error instanceof URIError)) throw error;
    show("requests");
  }
}

for (const [index, tab] of tabs.entries()) {
  tab.addEventListener("click", () => { location.hash = tab.id.slice(4); });
  tab.addEventListener("keydown", (event) => {
    const next = { ArrowRight: index + 1, ArrowLeft: index - 1, Home: 0, End: tabs.length - 1 }[event.key];
    if (next === undefined) return;
    const other = tabs[(next + tabs.length) % tabs.length];
    other.focus();
    other.click();
    event.preventDefault();
  });
}
addEventListener("hashchange", showByLocation);

// The head.

async function loadStatus() {
  status = await attempt(() => api("GET", "/status"));
  if (!status) return;
  fill(document.getElementById("address"),
    element("code", {}, status.base_url), copyButton(status.base_url, "Copy URL"), copyButton(status.api_key, "Copy key"));
  drawClock();
}

function drawClock() {
  const ahead = Math.round(status.clock_offset_seconds);
  const advance = (seconds) => attempt(() => api("POST", "/clock/advance", { seconds }), "The clock was set");
  fill(clock,
    element("span", { title: "The clock of the sandbox" }, ahead ? `clock ${ahead > 0 ? "+" : "−"}${duration(Math.abs(ahead))}` : "clock now"),
    button("+1 h", () => advance(3600), "quiet small"), button("+1 d", () => advance(86_400), "quiet small"), button("+15 d", () => advance(15 * 86_400), "quiet small"));
}

function duration(seconds) {
  const days = Math.floor(seconds / 86_400), hours = Math.round((seconds % 86_400) / 3600);
  return [days ? `${days} d` : "", hours || !days ? `${hours} h` : ""].filter(Boolean).join(" ");
}

document.getElementById("reset").addEventListener("click", async () => {
  if (confirm("Start anew with the same seed? All changes, faults and requests are forgotten.")) await attempt(() => api("POST", "/reset", {}), "As after the start");
});

const theme = document.getElementById("theme");
const THEMES = { "": "Theme: system", light: "Theme: light", dark: "Theme: dark" };

function drawTheme() {
  theme.textContent = THEMES[document.documentElement.dataset.theme ?? ""];
}

theme.addEventListener("click", () => {
  const names = Object.keys(THEMES);
  const next = names[(names.indexOf(document.documentElement.dataset.theme ?? "") + 1) % names.length];
  if (next) document.documentElement.dataset.theme = next;
  else delete document.documentElement.dataset.theme;
  next ? localStorage.setItem("kombo-sandbox-theme", next) : localStorage.removeItem("kombo-sandbox-theme");
  drawTheme();
});

// The events.

async function loadIntegrationsEverywhere() {
  await loadIntegrations();
  drawIntegrationChoice();
  await drawRecords();
}

async function loadAll() {
  // An edited record stays in the editor: after a restart it can still be saved.
  if (!hasUnsaved()) closeDetails();
  await Promise.all([loadStatus(), loadIntegrationsEverywhere(), loadRequests(), loadFaults(), loadReceivers(), loadDeliveries()]);
}

const CHANGED = {
  integrations: loadIntegrationsEverywhere,
  records: (change) => recordsChanged(change.model),
  faults: loadFaults,
  webhooks: loadReceivers,
  requests: loadRequests,
  clock: loadStatus,
  reset: loadAll,
};

function setConnection(state, text) {
  connection.dataset.state = state;
  connection.firstElementChild.textContent = text;
}

function listen() {
  const events = new EventSource("/_sandbox/events");
  let wasLost = false;
  events.onopen = () => {
    setConnection("live", "live");
    if (wasLost) loadAll();
    wasLost = false;
  };
  events.onerror = () => {
    wasLost = true;
    setConnection("lost", "The sandbox does not answer; trying again");
    if (events.readyState === EventSource.CLOSED) setTimeout(listen, 2000);
  };
  events.addEventListener("request", (event) => {
    const request = JSON.parse(event.data);
    addRequest(request);
    // It may have been the last one that meets the fault.
    if (request.fault !== null) loadFaults();
  });
  events.addEventListener("delivery", (event) => addDelivery(JSON.parse(event.data)));
  events.addEventListener("change", (event) => {
    const change = JSON.parse(event.data);
    CHANGED[change.what]?.(change);
  });
  events.addEventListener("lost", (event) => {
    say(`${JSON.parse(event.data).count} events came too fast to be shown`);
    loadAll();
  });
}

async function start() {
  drawTheme();
  const [choices] = await Promise.all([attempt(() => api("GET", "/choices")), loadStatus()]);
  if (!choices) {
    setConnection("lost", "The sandbox does not answer; trying again");
    setTimeout(start, 2000);
    return;
  }
  const view = (name) => document.getElementById(`view-${name}`);
  await openIntegrations(view("integrations"), choices);
  await Promise.all([openRequests(view("requests")), openRecords(view("records"), choices), openFaults(view("faults"), choices), openWebhooks(view("webhooks"), choices)]);
  showByLocation();
  listen();
}

start();
