// Integrations: their state, models and actions, and what one may do to them.

import { api, attempt, segment } from "./api.js";
import { closeDetails, mark, shownDetails, showDetails } from "./details.js";
import { arrowKeys, badge, button, copyButton, element, empty, field, fill, select } from "./dom.js";

const LOOKS = { ACTIVE: "good", INVALID: "bad", INACTIVE: "", COMPLETED: "good", PASSED: "good", FAILED: "bad" };
let list, choices, syncTimer;
export let integrations = [];

export function openIntegrations(view, known) {
  choices = known;
  const tools = select(choices.tools.map((tool) => [tool.id, `${tool.label} (${tool.category})`]), null);
  list = element("ol", { class: "rows integrations", "aria-label": "Integrations" });
  arrowKeys(list);
  fill(view,
    element("div", { class: "toolbar" }, field("Tool", tools),
      button("Connect", async () => {
        const added = await attempt(() => api("POST", "/integrations", { tool: tools.value }), "Connected");
        if (added) await loadIntegrations();
      }, "primary")),
    list);
  return loadIntegrations();
}

export async function loadIntegrations() {
  const page = await attempt(() => api("GET", "/integrations?limit=1000"));
  if (!page) return;
  integrations = page.results;
  watchSyncs();
  if (list) {
    fill(list, integrations.map(row), integrations.length ? null : element("li", {}, empty("No integrations", "Connect a tool above.")));
    mark();
  }
  const open = shownDetails()?.match(/^integration (.*)$/)?.[1];
  if (open) integrations.some((each) => each.id === open) ? await openIntegration(open) : closeDetails();
}

/** Look for the end of running syncs, which is no event. Nothing is drawn before, so that no open choice closes. */
function watchSyncs() {
  clearTimeout(syncTimer);
  if (!integrations.some((each) => each.sync)) return;
  syncTimer = setTimeout(async () => {
    const page = await api("GET", "/integrations?limit=1000").catch(() => null);
    // Without a response, all is read again once the sandbox is back.
    if (!page) return;
    if (page.results.some((each, index) => each.sync?.id !== integrations[index]?.sync?.id)) await loadIntegrations();
    else watchSyncs();
  }, 1000);
}

function row(each) {
  return element("li", {},
    element("button", { type: "button", class: "row", "data-key": `integration ${each.id}`, onclick: () => openIntegration(each.id) },
      element("strong", {}, each.label),
      element("span", { class: "path dim" }, each.id),
      element("span", { class: "notes" }, each.sync ? badge(`${each.sync.type} sync`, "warn") : null, badge(each.category)),
      badge(each.status, LOOKS[each.status])));
}

async function openIntegration(id) {
  const each = await attempt(() => api("GET", `/integrations/${segment(id)}`));
  if (!each) return;
  const change = (changes) => attempt(() => api("PATCH", `/integrations/${segment(id)}`, changes), "Changed").then(() => openIntegration(id));
  const sync = (type) => attempt(() => api("POST", `/integrations/${segment(id)}/syncs`, { type }), `${type} sync started`).then(loadIntegrations);
  const names = (list) => list.map((item) => item.name);
  const without = (from, name, isIn) => isIn ? [...from, name] : from.filter((other) => other !== name);
  const disabledModels = names(each.models.filter((model) => model.disabled));
  const disabledActions = names(each.actions.filter((action) => action.disabled));
  const missing = names([...each.models, ...each.actions].filter((item) => item.permission_missing));
  const check = (label, isOn, action) => element("td", {}, element("input", { type: "checkbox", checked: isOn, "aria-label": label, onchange: (event) => action(event.target.checked) }));

  showDetails(`integration ${id}`, each.label,
    element("p", {}, element("code", {}, id), " ", copyButton(id)),
    element("div", { class: "toolbar" },
      field("Status", select(choices.statuses, each.status, (value) => change({ status: value }))),
      field("Setup", select(choices.setup_statuses, each.setup_status, (value) => change({ setup_status: value }))),
      field("QA", select(choices.qa_statuses, each.qa_status, (value) => change({ qa_status: value })))),
    element("div", { class: "toolbar" },
      button("Sync", () => sync("FULL"), "primary"), button("Delta sync", () => sync("DELTA")),
      element("span", { class: "space" }),
      button("Delete integration", async () => {
        if (!confirm(`Delete ${each.label}, as a customer would?`)) return;
        await attempt(() => api("DELETE", `/integrations/${segment(id)}`), "Deleted");
        await loadIntegrations();
      }, "danger")),
    each.data_expired_at ? element("p", { class: "warning" }, `Its data expired at ${each.data_expired_at}.`) : null,
    element("h3", {}, "Models"),
    element("div", { class: "scroll" }, element("table", {},
      element("thead", {}, element("tr", {}, ["Model", "On", "Disabled", "No permission"].map((title) => element("th", { scope: "col" }, title)))),
      element("tbody", {}, each.models.map((model) => element("tr", {},
        element("th", { scope: "row" }, element("a", { href: `#records/${model.name}/${segment(id)}` }, model.name)),
        check(`${model.name} is on`, !model.switched_off, (on) =>
          attempt(() => api("PUT", `/integrations/${segment(id)}/models/${model.name}`, { on }), on ? "Switched on" : "Switched off").then(() => openIntegration(id))),
        check(`${model.name} is disabled`, model.disabled, (on) => change({ disabled_models: without(disabledModels, model.name, on) })),
        check(`${model.name} lacks the permission`, model.permission_missing, (on) => change({ missing_permissions: without(missing, model.name, on) }))))))),
    element("h3", {}, "Actions"),
    element("div", { class: "scroll" }, element("table", {},
      element("thead", {}, element("tr", {}, ["Action", "Disabled", "No permission"].map((title) => element("th", { scope: "col" }, title)))),
      element("tbody", {}, each.actions.map((action) => element("tr", {},
        element("th", { scope: "row" }, action.name),
        check(`${action.name} is disabled`, action.disabled, (on) => change({ disabled_actions: without(disabledActions, action.name, on) })),
        check(`${action.name} lacks the permission`, action.permission_missing, (on) => change({ missing_permissions: without(missing, action.name, on) }))))))));
}
