// Requests to the API, and its refusals in words for people.
import { current, forget } from './session.js';

export const apiUrl = window.RS_SERVER.apiUrl;

export class Refused extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

const INVALID = 'This key or log-in is not valid: it may be mistyped, revoked or expired. Log in again, with a key that is valid.';

export async function call(method, path, body, token = current()?.token) {
  const headers = { Accept: 'application/json' };
  if (token) {
    headers.Authorization = `Bearer ${token}`;
  }
  if (body !== undefined) {
    headers['Content-Type'] = 'application/json';
  }
  const url = path.startsWith('http') ? path : apiUrl + path;
  let answer;
  try {
    answer = await fetch(url, { method, headers, body: body === undefined ? undefined : JSON.stringify(body) });
  } catch {
    throw new Refused(0, 'The server cannot be reached. Check your connection, then try again.');
  }
  if (answer.status === 204) {
    return null;
  }
  const document = await answer.json().catch(() => ({}));
  if (!answer.ok) {
    const refused = new Refused(answer.status, inWords(answer.status, document));
    if (answer.status === 401 && token && token === current()?.token) {
      // It ended while the page was open: the page asks for another.
      forget();
      dispatchEvent(new CustomEvent('rs-log-in-ended', { detail: refused }));
    }
    throw refused;
  }
  return document;
}

function inWords(status, document) {
  const said = document.description ?? document.detail;
  if (status === 401) {
    return INVALID;
  }
  if (status >= 500) {
    const id = document.request_id ? ` If it goes on, report the request ${document.request_id}.` : '';
    return `${said ?? 'The server failed.'} Try again in a moment.${id}`;
  }
  return said ?? `The server refused this (${status}).`;
}

// All pages of a list, up to `most` entries.
export async function all(path, member, most = 1000) {
  const found = [];
  for (let next = path; next && found.length < most;) {
    const page = await call('GET', next);
    found.push(...page[member]);
    next = page.links?.find(link => link.rel === 'next')?.href;
  }
  return found;
}
