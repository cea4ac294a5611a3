// Staging from the page: an item, what a search in STAC Browser found, or a search made here.
import { html, useState } from '../vendor/htm-preact.js';
import { all, apiUrl, call } from './api.js';
import { newCollection } from './collections.js';
import { Loading, moment, Problem, size, Table, useAction, useLoaded } from './parts.js';
import { SERVICES } from './services.js';

const MOST = 100;

export function Stage({ me, item, asset, search }) {
  const [link, setLink] = useState(search ? JSON.parse(search) : null);
  if (item || link) {
    return html`<${Choice} me=${me} find=${() => (item ? findItem(item) : findItems(link))} asset=${asset} key=${JSON.stringify(link)} />`;
  }
  return html`<${Search} onSearch=${setLink} />`;
}

function Search({ onSearch }) {
  const [service, setService] = useState('cadip');
  const collections = useLoaded(() => all(`/${service}/collections`, 'collections'), [service]);
  const submit = event => {
    event.preventDefault();
    const given = Object.fromEntries(new FormData(event.target));
    const from = given.from ? `${given.from}T00:00:00Z` : '..';
    const to = given.to ? `${given.to}T23:59:59Z` : '..';
    onSearch({
      href: `${apiUrl}/${service}/search`, method: 'POST',
      body: { collections: [given.collection], ...(given.from || given.to ? { datetime: `${from}/${to}` } : {}) }
    });
  };
  return html`<p>Search a station, then choose what to stage.</p><form onSubmit=${submit}>
    <div class="row">
      <label>Stations <select value=${service} onChange=${event => setService(event.target.value)}>
        ${Object.entries(SERVICES).map(([name, text]) => html`<option value=${name}>${text}</option>`)}</select></label>
      <label>Collection <select name="collection" required aria-busy=${collections.loading}>
        ${(collections.value ?? []).map(each => html`<option value=${each.id}>${each.title ?? each.id}</option>`)}</select></label>
      <label>From <input type="date" name="from" /></label>
      <label>To <input type="date" name="to" /></label>
    </div>
    <${Problem} error=${collections.error} />
    ${collections.value?.length === 0 && html`<p class="hint">You have no right on these stations.</p>`}
    <div class="actions"><button type="submit" disabled=${!collections.value?.length}>Search</button></div>
  </form>`;
}

function Choice({ me, find, asset }) {
  const found = useLoaded(find);
  const own = useLoaded(async () => (await all('/catalog/collections?limit=100', 'collections')).map(each => each.id)
    .filter(id => id.startsWith(`${me.user}:`)).map(id => id.slice(me.user.length + 1)));
  const [left, setLeft] = useState(new Set());
  const [onlyAsset, setOnlyAsset] = useState(Boolean(asset));
  const stage = useAction(async form => {
    const given = Object.fromEntries(new FormData(form));
    const collection = given.collection || given.fresh.trim();
    if (!given.collection) {
      await call('POST', '/catalog/collections', newCollection(collection, given.fresh));
    }
    const job = await call('POST', '/processes/staging/execution', { inputs: {
      collection, items: { href: sourceOf(found.value.items.filter(each => !left.has(each.id))) },
      ...(given.label ? { label: given.label } : {}), ...(onlyAsset ? { asset_names: [asset] } : {})
    } });
    location.hash = `jobs?started=${job.jobID}`;
  });
  const submit = event => {
    event.preventDefault();
    stage.run(event.target);
  };
  const toggle = id => setLeft(before => (before.has(id) ? new Set([...before].filter(each => each !== id)) : new Set([...before, id])));

  if (found.loading || own.loading) {
    return html`<${Loading} of="Looking at the stations" />`;
  }
  if (found.error) {
    return html`<${Problem} error=${found.error} />`;
  }
  const { items, more } = found.value;
  const chosen = items.filter(each => !left.has(each.id));
  return html`<form onSubmit=${submit}>
    <${Table} label="Items" columns=${['', 'Item', 'Time', 'Files', 'Size']} empty="The search finds nothing."
      rows=${items.map(each => html`<tr key=${each.id}>
        <td><input type="checkbox" aria-label=${`Stage ${each.id}`} checked=${!left.has(each.id)} onChange=${() => toggle(each.id)} /></td>
        <th scope="row">${each.id}</th><td>${moment(each.properties.datetime)}</td>
        <td>${Object.keys(each.assets).length}</td><td>${size(sizeOf(each))}</td>
      </tr>`)} />
    ${more && html`<p class="hint">These are the first ${MOST}. Narrow the search, or use rs stage for all.</p>`}
    ${asset && html`<label><input type="checkbox" checked=${onlyAsset} onChange=${event => setOnlyAsset(event.target.checked)} />
      only the file <code>${asset}</code></label>`}
    <${Target} own=${own.value ?? []} />
    <${Problem} error=${own.error ?? stage.error} />
    <div class="actions"><button type="submit" aria-busy=${stage.busy} disabled=${stage.busy || chosen.length === 0}>
      Stage ${chosen.length} ${chosen.length === 1 ? 'item' : 'items'}${onlyAsset ? '' : `, ${size(chosen.reduce((sum, each) => sum + sizeOf(each), 0))}`}
    </button></div>
  </form>`;
}

function Target({ own }) {
  const [target, setTarget] = useState(own[0] ?? '');
  return html`<div class="row">
    <label>Into <select name="collection" value=${target} onChange=${event => setTarget(event.target.value)}>
      ${own.map(id => html`<option value=${id}>${id}</option>`)}<option value="">a new collection</option></select></label>
    ${!target && html`<label>Its name <input name="fresh" required pattern="[A-Za-z0-9][A-Za-z0-9._\\-]*" maxlength="127" /></label>`}
    <label>Label <input name="label" maxlength="100" placeholder="optional" /></label>
  </div>`;
}

async function findItem(href) {
  if (!href.startsWith(`${apiUrl}/`)) {
    throw new Error('This item is not of these stations.');
  }
  return { items: [await call('GET', href)], more: false };
}

async function findItems(link) {
  if (!link.href.startsWith(`${apiUrl}/`)) {
    throw new Error('This search is not of these stations.');
  }
  const items = [];
  let next = { ...link, body: link.body && { ...link.body, limit: MOST } };
  while (next && items.length < MOST) {
    const page = await call(next.method ?? 'GET', next.href, next.body);
    items.push(...page.features);
    next = page.links?.find(each => each.rel === 'next');
  }
  return { items: items.slice(0, MOST), more: Boolean(next) || items.length > MOST };
}

// One address for what was chosen: the item's own, or a search for just these.
function sourceOf(items) {
  const self = each => each.links.find(one => one.rel === 'self').href;
  if (items.length === 1) {
    return self(items[0]);
  }
  const service = self(items[0]).slice(apiUrl.length + 1).split('/')[0];
  const query = new URLSearchParams({
    collections: [...new Set(items.map(each => each.collection))].join(','),
    ids: items.map(each => each.id).join(','),
    limit: items.length
  });
  return `${apiUrl}/${service}/search?${query}`;
}

function sizeOf(item) {
  return Object.values(item.assets).reduce((sum, asset) => sum + (asset['file:size'] ?? 0), 0);
}
