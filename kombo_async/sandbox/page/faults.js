// Faults that the next requests meet.

import { api, attempt } from "./api.js";
import { badge, button, element, empty, field, fill, select } from "./dom.js";

const executes = ["executes", "check"];
const status = ["status", "number"];
const text = (name, isNeeded = false) => [name, "text", isNeeded];
/** The fields of each kind: name, control, whether it is needed. */
const FIELDS = {
  error: [["code", "code"], text("message"), status, executes],
  rate_limited: [["retry_after", "number"], ["reset", "number"]],
  concurrency_limited: [["limit", "number"]],
  html_502: [executes],
  text: [text("text", true), status, executes],
  empty: [status, executes],
  message_only: [text("message"), status],
  json: [["payload", "json", true], status, executes],
  raw: [text("body", true), status, text("content_type"), executes],
  redirect: [text("location", true), status],
  delayed: [["seconds", "number", true]],
  drop: [["moment", ["before", "after_execution", "headers", "body"]]],
  short_body: [],
  truncated_gzip: [],
  drip: [["seconds", "number"], ["size", "number"]],
};
let list;

export function openFaults(view, choices) {
  let kind = choices.fault_kinds[0];
  const own = element("div", { class: "toolbar" });
  const path = element("input", { type: "text", placeholder: "/hris/employees, * for a segment" });
  const method = select([["", "any"], "GET", "POST", "PUT", "PATCH", "DELETE"], "");
  const times = element("input", { type: "number", min: 1, value: "1", placeholder: "always" });
  const after = element("input", { type: "number", min: 0, value: "0" });
  const draw = () => fill(own, (FIELDS[kind] ?? []).map((each) => control(each, choices)));
  list = element("ol", { class: "rows faults", "aria-label": "Faults that wait" });
  draw();
  fill(view,
    element("form", { class: "card", onsubmit: (event) => { event.preventDefault(); add(); } },
      element("div", { class: "toolbar" },
        field("The next requests meet", select(choices.fault_kinds, kind, (value) => { kind = value; draw(); })),
        field("Method", method), field("Path", path), field("Times (empty: always)", times), field("Skip first", after)),
      own,
      element("div", { class: "toolbar" }, element("button", { type: "submit", class: "primary" }, "Add fault"),
        button("Remove all", () => attempt(() => api("DELETE", "/faults"), "Removed").then(loadFaults), "quiet"))),
    list);

  async function add() {
    const fault = { kind };
    for (const input of own.querySelectorAll("[name]")) {
      if (input.type === "checkbox") { if (input.checked) fault[input.name] = true; }
      else if (input.value === "") continue;
      else if (input.dataset.control === "json") {
        try { fault[input.name] = JSON.parse(input.value); } catch { input.setCustomValidity("This is no JSON"); input.reportValidity(); input.setCustomValidity(""); return; }
      } else fault[input.name] = input.type === "number" ? Number(input.value) : input.value;
    }
    const added = await attempt(() => api("POST", "/faults", {
      fault, path: path.value || null, method: method.value || null,
      times: times.value ? Number(times.value) : null, after: Number(after.value || 0),
    }), "Added");
    if (added) await loadFaults();
  }
  return loadFaults();
}

function control([name, kind, isNeeded], choices) {
  const id = { name, required: isNeeded === true };
  if (kind === "check") return element("label", { class: "check" }, element("input", { ...id, type: "checkbox" }), "the operation is executed");
  if (Array.isArray(kind)) return field(name, select(kind, kind[0], undefined, id));
  if (kind === "json") return field(name, element("textarea", { ...id, "data-control": "json", rows: 3 }, "{}"));
  if (kind === "code") {
    const codes = element("datalist", { id: "codes" }, choices.error_codes.map((code) => element("option", { value: code })));
    return [field(name, element("input", { ...id, type: "text", list: "codes", placeholder: "PLATFORM.UNKNOWN_ERROR" })), codes];
  }
  return field(name, element("input", { ...id, type: kind, step: kind === "number" ? "any" : null, min: kind === "number" ? 0 : null }));
}

export async function loadFaults() {
  const page = await attempt(() => api("GET", "/faults"));
  if (!page || !list) return;
  fill(list, page.results.map((each) => element("li", { class: "row still" },
    element("strong", {}, each.fault.kind),
    element("span", { class: "path dim" }, `${each.method ?? "any method"} ${each.path ?? "any path"}`),
    element("span", { class: "notes" },
      badge(each.left === null ? "always" : `${each.left} left`, "warn"),
      each.after ? badge(`after ${each.after}`) : null, each.applied ? badge(`${each.applied} applied`) : null),
    button("Remove", () => attempt(() => api("DELETE", `/faults/${each.id}`), "Removed").then(loadFaults), "quiet"))),
  page.results.length ? null : element("li", {}, empty("No faults wait", "Requests are processed as usual.")));
}
