// The live list of requests: newest first, bounded, filtered here and by the API alike.

import { api, attempt, query } from "./api.js";
import { closeDetails, mark, shownDetails, showDetails } from "./details.js";
import { bodyView } from "./json.js";
import { arrowKeys, badge, button, copyButton, element, empty, field, fill, milliseconds, select, shortPath, statusBadge, time } from "./dom.js";

const SHOWN = 500;
const METHODS = [["", "all methods"], "GET", "POST", "PUT", "PATCH", "DELETE"];
const STATUSES = [["", "all statuses"], "2xx", "3xx", "4xx", "5xx", "429"];

const filter = { path: "", method: "", status: "", faults_only: false };
let isPaused = false;
let waiting = [];
let frame = 0;
let reading = 0;
let list, count, pause;

export function openRequests(view) {
  const path = element("input", { type: "search", placeholder: "/hris/employees", oninput: () => change({ path: path.value.trim() }) });
  pause = button("Pause", () => setPaused(!isPaused), "quiet");
  pause.setAttribute("aria-pressed", "false");
  count = element("span", { class: "count" });
  list = element("ol", { class: "rows requests", "aria-label": "Requests, newest first" });
  arrowKeys(list);
  fill(view,
    element("div", { class: "toolbar" },
      field("Path contains", path),
      field("Method", select(METHODS, "", (value) => change({ method: value }))),
      field("Status", select(STATUSES, "", (value) => change({ status: value }))),
      element("label", { class: "check" }, element("input", { type: "checkbox", onchange: (event) => change({ faults_only: event.target.checked }) }), "with faults"),
      element("span", { class: "space" }), count, pause, button("Clear", clear, "quiet")),
    list);
  return loadRequests();
}

export async function loadRequests() {
  const turn = ++reading;
  waiting = [];
  const page = await attempt(() => api("GET", `/requests${query({ ...filter, limit: SHOWN })}`));
  // Another filter was chosen meanwhile.
  if (!page || turn !== reading) return;
  const known = new Set(page.results.map((request) => request.id));
  // What arrived while the list was read is in it, or still to be added.
  waiting = waiting.filter((request) => !known.has(request.id));
  fill(list, page.results.map((request) => row(request)));
  showCount();
  mark();
  if (waiting.length && !isPaused) addWaiting();
}

/** Add a request that has just been answered. */
export function addRequest(request) {
  if (!matches(request)) return;
  waiting.push(request);
  if (waiting.length > SHOWN) waiting.shift();
  if (isPaused) showCount();
  else frame ||= requestAnimationFrame(addWaiting);
}

function addWaiting() {
  frame = 0;
  if (!waiting.length) return;
  list.querySelector(".empty")?.parentElement.remove();
  list.prepend(...waiting.reverse().map((request) => row(request, true)));
  waiting = [];
  while (list.childElementCount > SHOWN) list.lastElementChild.remove();
  showCount();
}

function setPaused(value) {
  isPaused = value;
  pause.textContent = isPaused ? "Resume" : "Pause";
  pause.setAttribute("aria-pressed", String(isPaused));
  if (!isPaused && waiting.length) addWaiting();
}

function change(part) {
  Object.assign(filter, part);
  loadRequests();
}

async function clear() {
  await attempt(() => api("DELETE", "/requests"));
  if (shownDetails()?.startsWith("request ")) closeDetails();
  await loadRequests();
}

function matches(request) {
  const status = String(request.status ?? "");
  return request.path.includes(filter.path)
    && (!filter.method || request.method === filter.method)
    && (!filter.status || status === filter.status || `${status[0]}xx` === filter.status)
    && (!filter.faults_only || request.fault !== null);
}

function showCount() {
  const shown = list.querySelectorAll(".row").length;
  count.textContent = isPaused && waiting.length ? `${waiting.length} new` : `${shown}${shown === SHOWN ? "+" : ""}`;
  if (!shown && !list.querySelector(".empty")) {
    const isFiltered = filter.path || filter.method || filter.status || filter.faults_only;
    fill(list, element("li", {}, isFiltered
      ? empty("No request matches", "Change the filter above.")
      : empty("No requests yet", "Send one to the base URL above: it appears here at once.")));
  }
}

function row(request, isNew = false) {
  return element("li", {},
    element("button", { type: "button", class: isNew === true ? "row new" : "row", "data-key": `request ${request.id}`, "aria-current": String(shownDetails() === `request ${request.id}`), onclick: () => openRequest(request.id) },
      time(request.time),
      element("span", { class: `method ${request.method}` }, request.method),
      element("span", { class: "path" }, shortPath(request.path), request.query ? element("span", { class: "dim" }, `?${request.query}`) : null),
      element("span", { class: "notes" }, request.fault ? badge(request.fault, "warn") : null, request.code ? badge(request.code, "bad") : null),
      element("span", { class: "ms" }, milliseconds(request.milliseconds)),
      statusBadge(request.status)));
}

async function openRequest(id) {
  const request = await attempt(() => api("GET", `/requests/${id}`));
  if (!request) return;
  const url = request.path + (request.query ? `?${request.query}` : "");
  showDetails(`request ${id}`, `${request.method} ${shortPath(request.path)}`,
    element("dl", { class: "facts" },
      fact("Status", statusBadge(request.status)),
      fact("Took", milliseconds(request.milliseconds) || "–"),
      fact("At", time(request.time)),
      request.operation ? fact("Operation", request.operation) : null,
      request.integration_id ? fact("Integration", element("code", {}, request.integration_id)) : null,
      request.code ? fact("Code", badge(request.code, "bad")) : null,
      request.fault ? fact("Fault", badge(request.fault, "warn")) : null),
    element("h3", {}, "Asked", copyButton(curl(request, url), "Copy as curl")),
    message(`${request.method} ${url}`, request.headers, request.body),
    element("h3", {}, "Answered"),
    request.response_headers
      ? message(String(request.status), request.response_headers, request.response_body)
      : empty("Nothing", "The connection ended before a response."));
}

function fact(name, value) {
  return [element("dt", {}, name), element("dd", {}, value)];
}

function message(first, headers, body) {
  return element("div", { class: "http" },
    element("pre", { class: "first", tabindex: "0" }, first),
    element("details", {}, element("summary", {}, `${headers.length} headers`),
      element("pre", { tabindex: "0" }, headers.map(([name, value]) => `${name}: ${value}`).join("\n"))),
    body && body.size
      ? [bodyView(body.text), body.truncated ? element("p", { class: "dim" }, `The first part of ${body.size.toLocaleString()} bytes.`) : null]
      : element("p", { class: "dim" }, body === null ? "The body is no longer kept." : "No body."));
}

const quoted = (text) => `'${text.replaceAll("'", "'\\''")}'`;

function curl(request, url) {
  const headers = request.headers.filter(([name]) => /^(x-integration-id|content-type)$/i.test(name));
  return [`curl -X ${request.method} ${quoted(location.origin + url)}`, `-H 'Authorization: Bearer '"$KOMBO_API_KEY"`,
    ...headers.map(([name, value]) => `-H ${quoted(`${name}: ${value}`)}`),
    ...(request.body.size ? [`--data-binary ${quoted(request.body.text)}`] : [])].join(" \\\n  ");
}
