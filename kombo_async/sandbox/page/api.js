// The control API, and what the page says about its errors.

import { element } from "./dom.js";

const BASE = "/_sandbox";

export class ApiError extends Error {
  constructor(status, problem) {
    super(problem.message);
    this.status = status;
    this.path = problem.path ?? null;
    this.choices = problem.choices ?? [];
  }
}

/** Send a request and return what is answered. */
export async function api(method, path, body) {
  let response;
  try {
    response = await fetch(BASE + path, {
      method,
      headers: method === "GET" ? {} : { "Content-Type": "application/json" },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
  } catch {
    throw new ApiError(0, { message: "The sandbox does not answer. Is it still running?" });
  }
  if (response.status === 204) return null;
  const result = await response.json();
  if (!response.ok) throw new ApiError(response.status, result.error);
  return result;
}

/** A query string of the parameters that are set. */
export function query(parameters) {
  const set = Object.entries(parameters).filter(([, value]) => value !== null && value !== undefined && value !== "" && value !== false);
  return set.length ? `?${new URLSearchParams(set)}` : "";
}

export const segment = encodeURIComponent;

/** Show a message for a few seconds, an error until it is closed. */
export function say(text, isError = false) {
  const message = element("div", { class: isError ? "message error" : "message", role: isError ? "alert" : null }, element("span", {}, text));
  if (isError) message.append(element("button", { type: "button", class: "quiet small", "aria-label": "Close", onclick: () => message.remove() }, "✕"));
  else setTimeout(() => message.remove(), 2500);
  const messages = document.getElementById("messages");
  messages.append(message);
  while (messages.childElementCount > 4) messages.firstElementChild.remove();
}

/** Show an error of the API, with the place of the mistake and what would be right. */
export function sayError(error) {
  if (!(error instanceof ApiError)) throw error;
  const place = error.path && error.path !== "$" ? ` (${error.path})` : "";
  const choices = error.choices.length ? `. Choices: ${error.choices.slice(0, 12).join(", ")}` : "";
  say(error.message + place + choices, true);
}

/** Run *action*; show its error, or *done* if it has none. */
export async function attempt(action, done) {
  try {
    const result = await action();
    if (done) say(done);
    return result;
  } catch (error) {
    sayError(error);
    return undefined;
  }
}
