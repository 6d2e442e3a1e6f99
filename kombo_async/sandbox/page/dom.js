// Elements. Values become text nodes or properties, never markup, so that no record can bring a script with it.

/** Create an element: `element("button", {class: "row", onclick: open}, "Open")`. */
export function element(tag, properties = {}, ...children) {
  const created = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) created.addEventListener(name.slice(2), value);
    else if (name in created && typeof value !== "string") created[name] = value;
    else created.setAttribute(name, value === true ? "" : value);
  }
  created.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return created;
}

/** Replace what *parent* contains. */
export function fill(parent, ...children) {
  const focused = parent.contains(document.activeElement) ? document.activeElement : null;
  const name = focused && nameOf(focused);
  parent.replaceChildren(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  if (!name) return;
  // What had the focus was made anew: keep the focus on its successor.
  const successor = [...parent.querySelectorAll(focused.tagName)].find((each) => nameOf(each) === name);
  successor?.focus({ preventScroll: true });
  if (successor?.type === "search") successor.setSelectionRange(successor.value.length, successor.value.length);
}

const nameOf = (node) => node.dataset.key ?? node.getAttribute("aria-label") ?? node.closest(".field")?.firstElementChild.textContent ?? node.textContent;

export function button(label, action, look = "") {
  return element("button", { type: "button", class: look, onclick: action }, label);
}

/** A path of the API as its documentation writes it. */
export const shortPath = (path) => path.replace(/^\/v1(?=\/)/, "");

export function field(label, control) {
  return element("label", { class: "field" }, element("span", {}, label), control);
}

export function select(options, value, action, properties = {}) {
  const created = element("select", { ...properties, onchange: () => action?.(created.value) });
  for (const option of options) {
    const [key, label] = Array.isArray(option) ? option : [option, option];
    created.append(element("option", { value: key, selected: key === value }, label));
  }
  return created;
}

export function empty(title, hint) {
  return element("div", { class: "empty" }, element("strong", {}, title), element("p", {}, hint));
}

/** A badge with the colour of an HTTP status. */
export function statusBadge(status) {
  const look = status === null ? "broken" : `s${String(status)[0]}`;
  return element("span", { class: `status ${look}` }, status === null ? "none" : String(status));
}

export function badge(text, look = "") {
  return element("span", { class: `badge ${look}` }, text);
}

export function time(iso) {
  const shown = element("time", { datetime: iso, title: iso });
  shown.textContent = new Date(iso).toLocaleTimeString([], { hour12: false });
  return shown;
}

export function milliseconds(value) {
  if (value === null || value === undefined) return "";
  return value < 10 ? `${value.toFixed(1)} ms` : value < 10_000 ? `${Math.round(value)} ms` : `${(value / 1000).toFixed(1)} s`;
}

export function copyButton(text, label = "Copy") {
  const created = button(label, async () => {
    try {
      await navigator.clipboard.writeText(text);
      created.textContent = "Copied";
    } catch {
      created.textContent = "Not allowed";
    }
    setTimeout(() => { created.textContent = label; }, 1200);
  }, "quiet small");
  return created;
}

/** Move the focus with the arrow keys between the rows of a list; Tab enters and leaves the list as a whole. */
export function arrowKeys(list, selector = ".row") {
  list.addEventListener("keydown", (event) => {
    const row = event.target.closest(selector);
    const rows = [...list.querySelectorAll(selector)];
    const index = rows.indexOf(row);
    const next = { ArrowDown: index + 1, ArrowUp: index - 1, Home: 0, End: rows.length - 1 }[event.key];
    if (next === undefined || !row) return;
    rows[next]?.focus();
    event.preventDefault();
  });
  list.addEventListener("focusin", (event) => {
    const row = event.target.closest(selector);
    if (row) setTabStop(list, selector, row);
  });
  new MutationObserver(() => setTabStop(list, selector)).observe(list, { childList: true });
}

/** Let Tab reach one row: the given one, the one it reached before, or the first. */
function setTabStop(list, selector, row = list.querySelector(`${selector}[tabindex="0"]`) ?? list.querySelector(selector)) {
  for (const each of list.querySelectorAll(selector)) {
    const index = each === row ? 0 : -1;
    if (each.getAttribute("tabindex") !== String(index)) each.tabIndex = index;
  }
}
