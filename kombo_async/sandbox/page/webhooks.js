// Receivers of webhooks, events to send to them, and what they answered.

import { api, attempt } from "./api.js";
import { mark, shownDetails, showDetails } from "./details.js";
import { bodyView } from "./json.js";
import { arrowKeys, badge, button, element, empty, field, fill, milliseconds, select, statusBadge, time } from "./dom.js";
import { integrations } from "./integrations.js";

const SHOWN = 200;
let receivers, deliveries, integrationChoice;

export function openWebhooks(view, choices) {
  const url = element("input", { type: "url", placeholder: "http://127.0.0.1:8080/webhooks", required: true });
  const secret = element("input", { type: "text", placeholder: "the sandbox's own", autocomplete: "off" });
  const type = select(choices.event_types, choices.event_types[0]);
  integrationChoice = element("span", {});
  receivers = element("ul", { class: "rows receivers", "aria-label": "Receivers" });
  deliveries = element("ol", { class: "rows deliveries", "aria-label": "Deliveries, newest first" });
  arrowKeys(deliveries);
  fill(view,
    element("h2", {}, "Receivers"),
    element("form", { class: "card toolbar", onsubmit: async (event) => {
      event.preventDefault();
      const added = await attempt(() => api("POST", "/webhooks", { url: url.value, secret: secret.value || null }), "Added");
      if (added) { url.value = ""; await loadReceivers(); }
    } }, field("Deliver to", url), field("Secret", secret), element("button", { type: "submit", class: "primary" }, "Add receiver")),
    receivers,
    element("h2", {}, "Send an event"),
    element("form", { class: "card toolbar", onsubmit: async (event) => {
      event.preventDefault();
      const chosen = integrationChoice.querySelector("select").value;
      await attempt(() => api("POST", "/webhooks/send", { type: type.value, integration_id: chosen || null }), "Sent");
    } }, field("Event", type), integrationChoice, element("button", { type: "submit", class: "primary" }, "Send")),
    element("h2", {}, "Deliveries"),
    deliveries);
  drawIntegrationChoice();
  return Promise.all([loadReceivers(), loadDeliveries()]);
}

export function drawIntegrationChoice() {
  if (integrationChoice) fill(integrationChoice, field("Integration", select([["", "the first"], ...integrations.map((each) => [each.id, each.label + " · " + each.id])], "")));
}

export async function loadReceivers() {
  const page = await attempt(() => api("GET", "/webhooks"));
  if (!page || !receivers) return;
  fill(receivers, page.results.map((each) => element("li", { class: "row still" },
    element("span", { class: "path" }, each.url),
    button("Remove", () => attempt(() => api("DELETE", `/webhooks/${each.id}`), "Removed").then(loadReceivers), "quiet"))),
  page.results.length ? null : element("li", {}, empty("No receivers", "Add the address at which your app takes webhooks.")));
}

export async function loadDeliveries() {
  const page = await attempt(() => api("GET", `/deliveries?limit=${SHOWN}`));
  if (!page || !deliveries) return;
  fill(deliveries, page.results.map(row), page.results.length ? null : element("li", {}, empty("Nothing delivered yet", "Send an event, start a sync, or change a record.")));
  mark();
}

/** Add a delivery that has just ended. */
export function addDelivery(delivery) {
  if (!deliveries) return;
  deliveries.querySelector(".empty")?.parentElement.remove();
  deliveries.querySelector(`[data-key="delivery ${CSS.escape(delivery.id)}"]`)?.parentElement.remove();
  deliveries.prepend(row(delivery));
  while (deliveries.childElementCount > SHOWN) deliveries.lastElementChild.remove();
  if (shownDetails() === `delivery ${delivery.id}`) showDelivery(delivery);
}

function row(delivery) {
  return element("li", {},
    element("button", { type: "button", class: "row", "data-key": `delivery ${delivery.id}`, "aria-current": String(shownDetails() === `delivery ${delivery.id}`), onclick: () => showDelivery(delivery) },
      time(delivery.time),
      element("strong", {}, delivery.type),
      element("span", { class: "path dim" }, delivery.url),
      element("span", { class: "notes" }, delivery.arrived ? null : badge("lost", "bad"),
        delivery.attempts.length > 1 ? badge(`${delivery.attempts.length} attempts`, "warn") : null),
      statusBadge(delivery.status)));
}

function showDelivery(delivery) {
  showDetails(`delivery ${delivery.id}`, delivery.type,
    element("p", {}, element("code", {}, delivery.event_id)),
    element("div", { class: "toolbar" }, button("Deliver again", () => attempt(() => api("POST", `/deliveries/${delivery.id}/redeliver`, {}), "Delivered again"), "primary")),
    element("h3", {}, "Answers"),
    element("ol", { class: "attempts" }, delivery.attempts.map((attempt) => element("li", {},
      statusBadge(attempt.status), " ", milliseconds(attempt.milliseconds), attempt.error ? ` · ${attempt.error}` : "",
      attempt.body ? bodyView(attempt.body) : null))),
    element("h3", {}, "Signed and sent"),
    bodyView(delivery.body));
}
