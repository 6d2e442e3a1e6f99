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
  parent.replaceChildren(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
}

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

/** Text as pretty JSON if it is JSON. */
export function pretty(text) {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
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

/** Move the focus with the arrow keys between the rows of a list. */
export function arrowKeys(list, selector = ".row") {
  list.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const row = event.target.closest(selector);
    if (!step || !row) return;
    const rows = [...list.querySelectorAll(selector)];
    rows[rows.indexOf(row) + step]?.focus();
    event.preventDefault();
  });
}
