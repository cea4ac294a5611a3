// My staging jobs, as they go on.
import { html, useEffect } from '../vendor/htm-preact.js';
import { call } from './api.js';
import { Good, Loading, moment, Problem, size, Table, useAction, useLoaded } from './parts.js';

const GOING_ON = ['accepted', 'running'];
const SOON = 1500;
const LATER = 15000;

export function Jobs({ started }) {
  const jobs = useLoaded(async () => (await call('GET', '/jobs?limit=25')).jobs);
  const cancel = useAction(async id => {
    await call('DELETE', `/jobs/${encodeURIComponent(id)}`);
    await jobs.again();
  });
  const active = jobs.value?.some(job => GOING_ON.includes(job.status));
  useEffect(() => {
    let timer = 0;
    const later = () => { timer = setTimeout(look, active ? SOON : LATER); };
    const look = async () => {
      const mine = timer;
      await (document.hidden || jobs.again());
      if (timer === mine) {
        later();
      }
    };
    later();
    return () => {
      clearTimeout(timer);
      timer = 0;
    };
  }, [active]);

  if (jobs.loading) {
    return html`<${Loading} of="Asking for your jobs" />`;
  }
  return html`
    ${started && html`<${Good}>Job ${started} has started. It goes on when you leave this page.<//>`}
    <${Problem} error=${jobs.error ?? cancel.error} />
    <${Table} label="Jobs" columns=${['Job', 'Status', 'Progress', 'Started', '']}
      empty="You have staged nothing yet. Choose Stage above, or the button Stage at an item in STAC Browser."
      rows=${(jobs.value ?? []).map(job => html`<${Row} key=${job.jobID} job=${job} cancel=${cancel} />`)} />`;
}

function Row({ job, cancel }) {
  const label = job.label ?? job.jobID.slice(0, 8);
  const going = GOING_ON.includes(job.status);
  return html`<tr id=${`job-${job.jobID}`}>
    <th scope="row" title=${job.jobID}>${label}</th>
    <td class="status">${job.status}</td>
    <td><progress aria-label=${`Progress of ${label}`} value=${job.progress ?? 0} max="100"></progress>
      <span class="state">${job.progress ?? 0} %${job.bytes?.total ? ` of ${size(job.bytes.total)}` : ''}<br />${job.message}</span></td>
    <td>${moment(job.created)}</td>
    <td>${going && html`<button class="secondary" disabled=${cancel.busy} onClick=${() => cancel.run(job.jobID)}
      aria-label=${`Cancel ${label}`}>Cancel</button>`}</td>
  </tr>`;
}
