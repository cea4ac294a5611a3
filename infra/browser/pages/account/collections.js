// My collections and whom they are shared with; those of others that I see.
import { html, useState } from '../vendor/htm-preact.js';
import { all, call } from './api.js';
import { inWords, Loading, moment, Problem, Table, useAction, useLoaded } from './parts.js';

const PEOPLE = { user: 'a user', group: 'a group', authenticated: 'everyone who has logged in', public: 'everyone' };

export function Collections({ me }) {
  const collections = useLoaded(() => all('/catalog/collections?limit=100', 'collections'));
  const create = useAction(async form => {
    const given = new FormData(form);
    await call('POST', '/catalog/collections', newCollection(given.get('id'), given.get('title')));
    form.reset();
    await collections.again();
  });
  const submit = event => {
    event.preventDefault();
    create.run(event.target);
  };
  if (collections.loading) {
    return html`<${Loading} of="Asking for collections" />`;
  }
  const mine = (collections.value ?? []).filter(each => each.id.startsWith(`${me.user}:`));
  const others = (collections.value ?? []).filter(each => !each.id.startsWith(`${me.user}:`));
  return html`
    <${Problem} error=${collections.error ?? create.error} />
    ${mine.length === 0 && html`<p class="hint">You have no collections yet.</p>`}
    ${mine.map(each => html`<${Mine} key=${each.id} collection=${each} />`)}
    <details><summary>New collection</summary>
      <form onSubmit=${submit}><div class="row">
        <label>Name <input name="id" required pattern="[A-Za-z0-9][A-Za-z0-9._\\-]*" maxlength="127" placeholder="s1-l0" /></label>
        <label>Title <input name="title" maxlength="200" /></label>
        <button type="submit" aria-busy=${create.busy} disabled=${create.busy}>Make it</button>
      </div></form>
    </details>
    <h2>Of others</h2>
    <${Table} label="Collections of others" columns=${['Collection', 'Title']} empty="Nobody has shared a collection with you."
      rows=${others.map(each => html`<tr key=${each.id}><th scope="row">${link(each)}</th><td>${each.title}</td></tr>`)} />`;
}

export function newCollection(id, title) {
  return {
    type: 'Collection', stac_version: '1.1.0', id, title: title || id, description: title || id, license: 'other', links: [],
    extent: { spatial: { bbox: [[-180, -90, 180, 90]] }, temporal: { interval: [[null, null]] } }
  };
}

function link(collection) {
  return html`<a href=${`index.html#/catalog/collections/${encodeURIComponent(collection.id)}`}>${collection.id}</a>`;
}

function Mine({ collection }) {
  const resource = `catalog:${collection.id}`;
  const grants = useLoaded(() => all(`/access/grants?resource=${encodeURIComponent(resource)}`, 'grants'), [resource]);
  const [kind, setKind] = useState('user');
  const share = useAction(async form => {
    const given = new FormData(form);
    const named = kind === 'user' || kind === 'group';
    const subject = named ? `${kind}:${given.get('name').trim()}` : kind;
    await call('PUT', '/access/grants', { subject, resource, actions: given.getAll('action') });
    form.reset();
    setKind('user');
    await grants.again();
  });
  const withdraw = useAction(async id => {
    await call('DELETE', `/access/grants/${encodeURIComponent(id)}`);
    await grants.again();
  });
  const submit = event => {
    event.preventDefault();
    share.run(event.target);
  };
  const shared = grants.value ?? [];
  return html`<article aria-label=${collection.id}>
    <header><strong>${link(collection)}</strong>${collection.title && collection.title !== collection.id ? ` ${collection.title}` : ''}</header>
    <${Problem} error=${grants.error ?? share.error ?? withdraw.error} />
    <${Table} label=${`Who sees ${collection.id}`} columns=${['Shared with', 'May', 'Until', '']} empty="Only you see it."
      rows=${shared.map(grant => html`<tr key=${grant.id}>
        <th scope="row">${inWords(grant.subject)}</th><td>${grant.actions.join(', ')}</td><td>${moment(grant.expires) || 'withdrawn'}</td>
        <td><button class="secondary" disabled=${withdraw.busy} aria-label=${`Withdraw from ${inWords(grant.subject)}`}
          onClick=${() => withdraw.run(grant.id)}>Withdraw</button></td>
      </tr>`)} />
    <details><summary>Share it</summary><form onSubmit=${submit}>
      <div class="row">
        <label>With <select value=${kind} onChange=${event => setKind(event.target.value)}>
          ${Object.entries(PEOPLE).map(([value, text]) => html`<option value=${value}>${text}</option>`)}
        </select></label>
        ${(kind === 'user' || kind === 'group') && html`<label>Name <input name="name" required /></label>`}
      </div>
      <fieldset><legend>who may</legend>
        ${['read', 'download', 'write'].map(action => html`<label><input type="checkbox" name="action" value=${action}
          checked=${action !== 'write'} /> ${action}</label>`)}
      </fieldset>
      <button type="submit" aria-busy=${share.busy} disabled=${share.busy}>Share</button>
    </form></details>
  </article>`;
}
