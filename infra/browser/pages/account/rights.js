// What I may do.
import { html } from '../vendor/htm-preact.js';
import { inWords, moment, Table } from './parts.js';

export function Rights({ me }) {
  const scope = me.key?.scope;
  return html`
    <p>You are <strong>${me.user}</strong>${me.admin ? ', an administrator who may do everything' : ''}${
      me.groups.length ? `, in the groups ${me.groups.join(', ')}` : ''}. All collections named
      <code>${me.user}:...</code> are yours.</p>
    ${scope && html`<p>This key is narrowed to ${scope.actions.join(', ')} on ${scope.resources.map(inWords).join(', ')}.</p>`}
    <${Table} label="Rights" columns=${['On', 'You may', 'Given to', 'Until']}
      empty="Nothing else has been given to you. Owners share their collections; administrators give rights on stations."
      rows=${me.grants.map(grant => html`<tr>
        <th scope="row">${inWords(grant.resource)}</th><td>${grant.actions.join(', ')}</td>
        <td>${inWords(grant.subject)}</td><td>${moment(grant.expires) || 'withdrawn'}</td>
      </tr>`)} />`;
}
