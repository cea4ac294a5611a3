// My standing orders: what is staged by itself as soon as stations publish it.
import { html, useState } from '../vendor/htm-preact.js';
import { all, call } from './api.js';
import { Good, Loading, Problem, Table, useAction, useLoaded } from './parts.js';
import { SERVICES } from './services.js';

export function Orders() {
  const orders = useLoaded(() => all('/subscriptions?limit=100', 'subscriptions'));
  const [added, setAdded] = useState('');
  const change = useAction(async (method, id, body) => {
    await call(method, `/subscriptions/${encodeURIComponent(id)}`, body);
    await orders.again();
  });
  const add = useAction(async form => {
    const given = Object.fromEntries(new FormData(form));
    const filter = given.platform ? { filter: `platform = '${given.platform.replaceAll("'", "''")}'` } : {};
    const source = { service: given.service, collections: [given.from.trim()], ...filter };
    const made = await call('POST', '/subscriptions', { source, collection: given.to.trim(), label: given.label || undefined });
    setAdded(made.label ?? made.id);
    form.reset();
    await orders.again();
  });
  const submit = event => {
    event.preventDefault();
    add.run(event.target);
  };
  return html`
    ${orders.loading && html`<${Loading} of="Asking for your standing orders" />`}
    ${added && html`<${Good}>Standing order ${added} is in force.<//>`}
    <${Problem} error=${orders.error ?? change.error ?? add.error} />
    ${orders.value && html`<${Table} label="Standing orders" columns=${['Order', 'From', 'Into', 'Status', '']}
      empty="You have none: what you stage, you stage once."
      rows=${orders.value.map(order => html`<${Row} key=${order.id} order=${order} change=${change} />`)} />`}
    <details><summary>New standing order</summary><form onSubmit=${submit}>
      <div class="row">
        <label>From <select name="service">${Object.entries(SERVICES).map(([name, text]) =>
          html`<option value=${name}>${text}</option>`)}</select></label>
        <label>Collection there <input name="from" required placeholder="s1_mti" /></label>
        <label>Platform, or all <input name="platform" placeholder="sentinel-1a" /></label>
      </div>
      <div class="row">
        <label>Into my collection <input name="to" required placeholder="s1-l0" /></label>
        <label>Label <input name="label" maxlength="100" /></label>
        <button type="submit" aria-busy=${add.busy} disabled=${add.busy}>Order it</button>
      </div>
    </form></details>`;
}

function Row({ order, change }) {
  const name = order.label ?? order.id;
  const paused = order.status === 'paused';
  const patch = () => change.run('PATCH', order.id, { status: paused ? 'active' : 'paused' });
  return html`<tr>
    <th scope="row">${name}</th>
    <td>${order.source.service} ${(order.source.collections ?? []).join(', ')}</td>
    <td>${order.collection}</td>
    <td>${order.status}<br /><span class="state">${counts(order.items)}</span>
      ${order.error && html`<br /><span class="state">${order.error.reason}</span>`}</td>
    <td class="actions">
      <button class="secondary" disabled=${change.busy} onClick=${patch} aria-label=${`${paused ? 'Resume' : 'Pause'} ${name}`}>${paused ? 'Resume' : 'Pause'}</button>
      <button class="secondary" disabled=${change.busy} onClick=${() => change.run('DELETE', order.id)} aria-label=${`Remove ${name}`}>Remove</button>
    </td>
  </tr>`;
}

function counts(items) {
  return Object.entries(items ?? {}).map(([name, number]) => `${number} ${name}`).join(', ');
}
