// My keys: make one, see when they were used, revoke them.
import { html, useState } from '../vendor/htm-preact.js';
import { call } from './api.js';
import { Good, Loading, moment, Problem, Table, useAction, useLoaded } from './parts.js';

export function Keys({ me }) {
  const keys = useLoaded(async () => (await call('GET', '/access/keys')).keys);
  const [made, setMade] = useState(null);
  const make = useAction(async form => {
    const given = new FormData(form);
    const scope = given.get('reading') ? { scope: { actions: ['read', 'download'] } } : {};
    setMade(await call('POST', '/access/keys', {
      name: given.get('name'), expires_in_days: Number(given.get('days')), ...scope
    }));
    form.reset();
    await keys.again();
  });
  const revoke = useAction(async id => {
    await call('DELETE', `/access/keys/${encodeURIComponent(id)}`);
    await keys.again();
  });
  const submit = event => {
    event.preventDefault();
    make.run(event.target);
  };
  return html`
    ${keys.loading && html`<${Loading} of="Asking for your keys" />`}
    <${Problem} error=${keys.error ?? make.error ?? revoke.error} />
    ${made && html`<${Good}>The key ${made.name}, shown this once: <code class="secret">${made.key}</code><//>`}
    ${keys.value && html`<${Table} label="Keys" columns=${['Name', 'Expires', 'Last used', '']} empty="You have no keys."
      rows=${keys.value.filter(key => !key.revoked).map(key => html`<tr key=${key.id}>
        <th scope="row">${key.name}${key.id === me.key?.id ? ' (this log-in)' : ''}</th>
        <td>${moment(key.expires)}${Date.parse(key.expires) < Date.now() ? ' (expired)' : ''}</td>
        <td>${moment(key.last_used) || 'never'}</td>
        <td><button class="secondary" disabled=${revoke.busy} aria-label=${`Revoke ${key.name}`}
          onClick=${() => revoke.run(key.id)}>Revoke</button></td>
      </tr>`)} />`}
    <h2>New key</h2>
    <form onSubmit=${submit}>
      <div class="row">
        <label>Name <input name="name" required maxlength="100" placeholder="processing cluster" /></label>
        <label>Days until it expires <input name="days" type="number" min="1" max="365" value="90" required /></label>
      </div>
      <label><input type="checkbox" name="reading" /> for reading and downloading only</label>
      <div class="actions"><button type="submit" aria-busy=${make.busy} disabled=${make.busy}>Make the key</button></div>
    </form>`;
}
