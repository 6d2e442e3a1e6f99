// The records of a model: read, write, delete.

import { api, attempt, query, say, sayError, segment } from "./api.js";
import { closeDetails, guardDetails, mark, shownDetails, showDetails } from "./details.js";
import { arrowKeys, badge, button, element, empty, field, fill, select } from "./dom.js";
import { integrations } from "./integrations.js";

const LABELS = ["display_full_name", "work_email", "name", "title", "label", "type", "date", "start_date"];
let view, list, models;
const shown = { model: "", integration_id: "", search: "", include_deleted: false };
let following = null;
let typing = 0;

export function openRecords(target, known) {
  view = target;
  models = known.models;
  shown.model ||= models.find((model) => model.name === "hris_employees")?.name ?? models[0].name;
  return drawRecords();
}

/** Show another list, as a link says. */
export function chooseRecords(model, integration_id) {
  if (models?.some((each) => each.name === model)) Object.assign(shown, { model, integration_id: integration_id ?? "", search: "" });
  return view ? drawRecords() : undefined;
}

/** Draw the toolbar anew, as integrations come and go. */
export function drawRecords() {
  if (!view) return undefined;
  if (!integrations.some((each) => each.id === shown.integration_id)) shown.integration_id = "";
  const change = (part) => { Object.assign(shown, part); return loadRecords(); };
  const search = element("input", { type: "search", value: shown.search, oninput: () => {
    shown.search = search.value;
    clearTimeout(typing);
    typing = setTimeout(() => change({ search: search.value }), 200);
  } });
  list = element("ol", { class: "rows records", "aria-label": "Records" });
  arrowKeys(list);
  fill(view,
    element("div", { class: "toolbar" },
      field("Model", select(models.map((model) => model.name), shown.model, (model) => change({ model }))),
      field("Integration", select([["", "the first that has it"], ...integrations.map((each) => [each.id, each.label + " · " + each.id])], shown.integration_id, (id) => change({ integration_id: id }))),
      field("Contains", search),
      element("label", { class: "check" }, element("input", { type: "checkbox", checked: shown.include_deleted, onchange: (event) => change({ include_deleted: event.target.checked }) }), "deleted ones too"),
      element("span", { class: "space" }),
      button("New record", newRecord, "primary")),
    list);
  return loadRecords();
}

const place = () => ({ integration_id: shown.integration_id });

export async function loadRecords(cursor = null) {
  let page;
  try {
    page = await api("GET", `/records/${shown.model}${query({ ...shown, model: null, limit: 100, cursor })}`);
  } catch (error) {
    if (error.status !== 404 && error.status !== 409) sayError(error);
    fill(list, element("li", {}, empty("No such records", error.message)));
    return;
  }
  following = page.next;
  const rows = page.results.map(row);
  if (cursor === null) fill(list, rows, rows.length ? null : element("li", {}, empty("No records", shown.search ? "Nothing contains this text." : "Add one with “New record”.")));
  else {
    list.querySelector(".more")?.remove();
    list.append(...rows);
  }
  if (following) list.append(element("li", { class: "more" }, button(`Show more of ${page.total ?? "them"}`, () => loadRecords(following))));
  mark();
}

function label(record) {
  const name = [record.first_name, record.last_name].filter(Boolean).join(" ");
  return name || String(LABELS.map((key) => record[key]).find(Boolean) ?? "");
}

function row(record) {
  return element("li", {},
    element("button", { type: "button", class: "row", "data-key": `record ${record.id}`, onclick: () => openRecord(record.id) },
      element("strong", {}, label(record) || "–"),
      element("span", { class: "path dim" }, record.id),
      element("span", { class: "notes" }, record.remote_deleted_at ? badge("deleted", "bad") : null),
      element("span", { class: "dim" }, (record.changed_at ?? "").slice(0, 10))));
}

function url(id, action = "") {
  return `/records/${shown.model}/${segment(id)}${action}${query(place())}`;
}

async function openRecord(id) {
  const record = await attempt(() => api("GET", url(id)));
  if (record) showRecord(record);
}

function showRecord(record) {
  const editor = jsonEditor(record);
  const act = (action, done) => attempt(action, done).then(async (result) => {
    if (result === undefined) return;
    guardDetails(() => false); // What is in the editor is saved, or not wanted.
    await loadRecords();
    if (result === null) closeDetails();
    else showRecord(result);
  });
  showDetails(`record ${record.id}`, label(record) || record.id,
    element("p", {}, element("code", {}, `${shown.model} ${record.id}`), record.remote_deleted_at ? badge("deleted", "bad") : null),
    editor,
    element("div", { class: "toolbar" },
      button("Save", () => {
        const edited = parse(editor);
        if (edited === undefined) return;
        const emptied = Object.fromEntries(Object.keys(record).map((key) => [key, null]));
        const changes = Object.fromEntries(Object.entries({ ...emptied, ...edited }).filter(([key, value]) => JSON.stringify(value) !== JSON.stringify(record[key])));
        if (Object.keys(changes).length === 0) say("Nothing was changed");
        else act(() => api("PATCH", url(record.id), changes), "Saved");
      }, "primary"),
      element("span", { class: "space" }),
      button("Delete", () => act(() => api("DELETE", url(record.id)), "Deleted"), "danger"),
      button("Anonymise", () => act(() => api("POST", url(record.id, "/anonymise"), {}), "Anonymised")),
      button("Remove without a trace", () => act(() => api("POST", url(record.id, "/remove"), {}), "Removed"))),
    element("p", { class: "dim" }, "Delete sets remote_deleted_at, as Kombo does when a record is gone from the tool. Saving sends only the fields that you changed; those that you take away become null."));
  guardEditor(editor);
}

/** Ask before the text of an editor is lost. */
function guardEditor(editor) {
  const before = editor.value;
  if (editor.isConnected) guardDetails(() => editor.value !== before);
}

function newRecord() {
  const id = element("input", { type: "text", value: `new-${Date.now().toString(36)}`, required: true });
  const model = models.find((each) => each.name === shown.model);
  const editor = jsonEditor({});
  showDetails("new record", `New ${shown.model}`,
    field("Id", id), editor,
    element("div", { class: "toolbar" }, button("Add", async () => {
      const fields = parse(editor);
      if (fields === undefined) return;
      const record = await attempt(() => api("PUT", url(id.value), fields), "Added");
      if (!record) return;
      guardDetails(() => false);
      await loadRecords();
      showRecord(record);
    }, "primary")),
    element("p", { class: "dim" }, `Fields: ${(model?.fields ?? []).join(", ")}. What you leave out is null or empty.`));
  guardEditor(editor);
}

function jsonEditor(value) {
  return element("textarea", { class: "json", spellcheck: "false", "aria-label": "Fields as JSON", rows: 22 }, JSON.stringify(value, null, 2));
}

function parse(editor) {
  try {
    const value = JSON.parse(editor.value);
    if (value === null || typeof value !== "object" || Array.isArray(value)) throw new SyntaxError("A record is an object: {…}");
    return value;
  } catch (error) {
    say(`This is no JSON object: ${error.message}`, true);
    editor.focus();
    return undefined;
  }
}

/** Read again what is shown, after a change elsewhere. */
export async function recordsChanged(model) {
  if (!view || view.hidden || (model && model !== shown.model)) return;
  const isEdited = shownDetails()?.startsWith("record ");
  await loadRecords();
  if (isEdited) mark();
}
