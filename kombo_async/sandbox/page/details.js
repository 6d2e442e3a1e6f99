// The panel beside the lists: one thing in detail. Escape closes it and returns the focus.

import { element, fill } from "./dom.js";

const panel = document.getElementById("details");
let opener = null;
let isUnsaved = () => false;
let shown = null;

/** Show *content* under *title*. *key* tells what it is, so that it can be updated in place. */
export function showDetails(key, title, ...content) {
  const isUpdate = shown === key;
  if (!isUpdate && !mayDiscard()) return false;
  isUnsaved = () => false;
  if (!isUpdate) opener = document.activeElement;
  shown = key;
  const heading = element("h2", { id: "details-title", tabindex: "-1" }, title);
  const close = element("button", { type: "button", class: "quiet", "aria-label": "Close details", onclick: closeDetails }, "✕");
  fill(panel, element("div", { class: "details-head" }, heading, close), element("div", { class: "details-body" }, content));
  panel.hidden = false;
  document.body.classList.add("has-details");
  mark();
  if (!isUpdate) heading.focus({ preventScroll: true });
  return true;
}

/** Ask before what is shown is replaced or closed while *check* returns true. */
export function guardDetails(check) {
  isUnsaved = check;
}

function mayDiscard() {
  return panel.hidden || !isUnsaved() || confirm("Discard what you changed in the editor?");
}

/** Return whether the editor holds changes that were not saved. */
export function hasUnsaved() {
  return !panel.hidden && isUnsaved();
}

export function closeDetails() {
  if (panel.hidden || !mayDiscard()) return;
  isUnsaved = () => false;
  panel.hidden = true;
  shown = null;
  document.body.classList.remove("has-details");
  mark();
  if (opener?.isConnected) opener.focus();
}

/** What is shown now. */
export function shownDetails() {
  return shown;
}

/** Mark the row of what is shown. Called also after rows were made anew. */
export function mark() {
  for (const row of document.querySelectorAll("[data-key]")) row.setAttribute("aria-current", String(row.dataset.key === shown));
}

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") closeDetails();
});
