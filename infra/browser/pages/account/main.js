// The account page: who has logged in, and a view for each part after the hash.
import { html, render, useEffect, useState } from '../vendor/htm-preact.js';
import { apiUrl, call } from './api.js';
import { Collections } from './collections.js';
import { Jobs } from './jobs.js';
import { Keys } from './keys.js';
import { LogIn } from './login.js';
import { Orders } from './orders.js';
import { Loading, Problem } from './parts.js';
import { Rights } from './rights.js';
import * as session from './session.js';
import { Stage } from './stage.js';

const VIEWS = {
  jobs: ['Jobs', Jobs],
  stage: ['Stage', Stage],
  orders: ['Standing orders', Orders],
  collections: ['Collections', Collections],
  keys: ['Keys', Keys],
  rights: ['Rights', Rights]
};

function place() {
  const [name, query = ''] = location.hash.slice(1).split(/\?(.*)/s);
  return { name, parameters: Object.fromEntries(new URLSearchParams(query)) };
}

// Only to pages beside this one: the address comes from a link that anyone may have made.
function goBack(to) {
  const target = new URL(to || 'account.html', location.href);
  const beside = new URL('.', location.href);
  location.assign(target.origin === beside.origin && target.pathname.startsWith(beside.pathname) ? target : 'account.html');
}

function Header({ me }) {
  return html`<header class="site container"><nav>
    <ul><li><strong>rs-server</strong></li></ul>
    <ul>
      <li><a href="index.html">STAC Browser</a></li>
      <li><a href=${`${apiUrl}/docs`}>API</a></li>
      ${me && html`<li><a href="#logout">Log out ${me.user}</a></li>`}
    </ul>
  </nav></header>`;
}

function Account({ me, at }) {
  // Who may not stage has no jobs to begin with.
  const stages = me.admin || me.grants.some(grant => grant.resource.startsWith('process:'));
  const [title, View] = VIEWS[at.name] ?? (stages ? VIEWS.jobs : VIEWS.collections);
  useEffect(() => { document.title = `${title} - rs-server`; }, [title]);
  return html`<nav class="tabs" aria-label="My account">${Object.entries(VIEWS).map(([name, [text, view]]) =>
    html`<a href=${`#${name}`} aria-current=${view === View ? 'page' : undefined}>${text}</a>`)}</nav>
    <h1>${title}</h1><${View} me=${me} key=${location.hash} ...${at.parameters} />`;
}

function App() {
  const [at, setAt] = useState(place());
  const [known, setKnown] = useState({ loading: true });

  async function enter(given) {
    const me = await call('GET', '/access/me', undefined, given.token);
    session.keep({ ...given, login: me.user, expires: given.expires ?? Date.parse(me.key?.expires) });
    return me;
  }

  async function start() {
    try {
      if (session.comesFromIdentityProvider()) {
        const taken = await session.takeFromIdentityProvider();
        const me = await enter(taken.session);
        if (taken.back && !taken.back.startsWith('account.html')) {
          goBack(taken.back);
        } else {
          history.replaceState(null, '', taken.back || location.pathname);
          setAt(place());
          setKnown({ me });
        }
        return;
      }
      const there = session.current();
      if (there && session.hasExpired(there)) {
        session.forget();
        setKnown({ error: new Error('Your log-in has expired. Log in again.') });
      } else if (there) {
        setKnown({ me: await enter(there) });
      } else {
        setKnown({});
      }
    } catch (error) {
      if (!error.status || error.status === 401) {
        session.forget();
      }
      setKnown({ error });
    }
  }

  useEffect(() => {
    const moved = () => setAt(place());
    const ended = event => setKnown({ error: event.detail });
    addEventListener('hashchange', moved);
    addEventListener('rs-log-in-ended', ended);
    start();
    return () => {
      removeEventListener('hashchange', moved);
      removeEventListener('rs-log-in-ended', ended);
    };
  }, []);

  useEffect(() => {
    if (at.name === 'logout') {
      session.end().catch(() => session.forget()).then(() => {
        setKnown({});
        goBack(at.parameters.back ?? 'account.html#login');
      });
    } else if (at.name === 'login' && known.me) {
      goBack(at.parameters.back);
    }
  }, [at, known]);

  if (known.loading) {
    return html`<${Header} /><main class="container"><${Loading} of="One moment" /></main>`;
  }
  if (!known.me) {
    const back = at.name === 'login' ? at.parameters.back : `account.html${location.hash}`;
    return html`<${Header} /><main class="container login"><h1>Log in</h1><${Problem} error=${known.error} />
      <${LogIn} enter=${async given => setKnown({ me: await enter(given) })} back=${back} onEntered=${() => goBack(back)} /></main>`;
  }
  return html`<${Header} me=${known.me} /><main class="container"><${Account} me=${known.me} at=${at} /></main>`;
}

render(html`<${App} />`, document.getElementById('account'));
