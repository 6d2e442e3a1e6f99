// Showing JSON as it was sent: indented and coloured, without parsing, so that no number changes.
import { element } from "./dom.js";

const TOKEN = /"(?:[^"\\]|\\.)*"?|[{}[\],:]|[^\s{}[\],:"]+/gs;
const MOST_SPANS = 12000;

function* tokens(text) {
  const found = text.match(TOKEN) ?? [];
  let depth = 0;
  const line = () => `\n${"  ".repeat(depth)}`;
  for (let index = 0; index < found.length; index++) {
    const token = found[index];
    const next = found[index + 1];
    if (token === "{" || token === "[") {
      const closes = next === (token === "{" ? "}" : "]");
      if (closes) {
        index++;
        yield ["", token + next];
      } else {
        depth++;
        yield ["", token + line()];
      }
    } else if (token === "}" || token === "]") {
      depth = Math.max(0, depth - 1);
      yield ["", line() + token];
    } else if (token === ",") yield ["", `,${line()}`];
    else if (token === ":") yield ["", ": "];
    else if (token.startsWith('"')) yield [next === ":" ? "key" : "string", token];
    else yield [/^[-\d]/.test(token) ? "number" : "word", token];
  }
}

const isJSON = (text) => /^\s*[{[]/.test(text);

/** Build the view of a body. */
export function bodyView(text) {
  const view = element("pre", { tabindex: "0" });
  const parts = isJSON(text) ? [...tokens(text)] : [];
  if (!parts.length || parts.length > MOST_SPANS) view.append(parts.length ? parts.map(([, part]) => part).join("") : text);
  else view.append(...parts.map(([kind, part]) => (kind ? element("span", { class: `json-${kind}` }, part) : part)));
  return view;
}
