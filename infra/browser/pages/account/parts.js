// Small parts that several views share.
import { html, useCallback, useEffect, useRef, useState } from '../vendor/htm-preact.js';

export function Problem({ error }) {
  return error ? html`<p class="problem" role="alert">${error.message}</p>` : null;
}

export function Good({ children }) {
  return html`<p class="good" role="status">${children}</p>`;
}

// What `load` gives, or why it does not; `again` asks once more. An answer that comes later than that to a younger
// question, or when `inputs` are no longer what they were, is dropped.
export function useLoaded(load, inputs = []) {
  const [state, setState] = useState({ loading: true });
  const turns = useRef({ asked: 0, shown: 0 }).current;
  const again = useCallback(async () => {
    const turn = ++turns.asked;
    const show = next => {
      if (turn > turns.shown) {
        turns.shown = turn;
        setState(next);
      }
    };
    try {
      const value = await load();
      show({ value });
    } catch (error) {
      show(before => ({ value: before.value, error }));
    }
  }, inputs);
  useEffect(() => {
    turns.shown = turns.asked;
    setState({ loading: true });
    again();
  }, inputs);
  return { ...state, again };
}

// Runs what a button does; while it runs `busy` is true, and `error` says what went wrong.
export function useAction(act) {
  const [state, setState] = useState({ busy: false });
  const run = async (...given) => {
    setState({ busy: true });
    try {
      const value = await act(...given);
      setState({ busy: false });
      return value;
    } catch (error) {
      setState({ busy: false, error });
      return undefined;
    }
  };
  return { ...state, run };
}

export function Table({ label, columns, rows, empty }) {
  if (rows.length === 0) {
    return html`<p class="hint">${empty}</p>`;
  }
  return html`<div class="wide" role="region" aria-label=${label} tabindex="0"><table>
    <thead><tr>${columns.map(name => html`<th scope="col">${name}</th>`)}</tr></thead>
    <tbody>${rows}</tbody>
  </table></div>`;
}

export function Loading({ of }) {
  return html`<p aria-busy="true" class="hint">${of}</p>`;
}

export function size(bytes) {
  let number = Number(bytes ?? 0);
  for (const unit of ['bytes', 'kB', 'MB', 'GB']) {
    if (number < 1000) {
      return `${unit === 'bytes' ? number : number.toFixed(1)} ${unit}`;
    }
    number /= 1000;
  }
  return `${number.toFixed(1)} TB`;
}

export function moment(text) {
  return text ? `${text.slice(0, 16).replace('T', ' ')} UTC` : '';
}

// A resource or a subject as people say it.
export function inWords(name) {
  const [kind, rest] = [name.split(':')[0], name.slice(name.indexOf(':') + 1)];
  const words = {
    catalog: () => (rest === '*:*' ? 'every collection' : `collection ${rest}`),
    process: () => (rest === 'staging' ? 'staging' : `process ${rest}`),
    user: () => rest,
    group: () => `group ${rest}`,
    public: () => 'everyone, without a log-in',
    authenticated: () => 'everyone who has logged in'
  };
  return words[kind]?.() ?? (rest === '*' ? `all ${kind.toUpperCase()} stations` : `${kind.toUpperCase()} station ${rest}`);
}
