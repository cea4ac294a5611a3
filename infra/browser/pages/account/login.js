// Logging in: with a key, or with an institute's account where the deployment has an identity provider.
import { html, useState } from '../vendor/htm-preact.js';
import { Problem, useAction } from './parts.js';
import { goToIdentityProvider, hasIdentityProvider } from './session.js';

export function LogIn({ enter, back, onEntered }) {
  const [key, setKey] = useState('');
  const byKey = useAction(async () => {
    await enter({ kind: 'key', token: key.trim() });
    onEntered();
  });
  const byAccount = useAction(() => goToIdentityProvider(back));
  const submit = event => {
    event.preventDefault();
    byKey.run();
  };
  return html`
    <form onSubmit=${submit}>
      <label>API key
        <input type="password" name="key" required autocomplete="off" placeholder="rss_..." value=${key}
          onInput=${event => setKey(event.target.value)} />
      </label>
      <${Problem} error=${byKey.error} />
      <button type="submit" aria-busy=${byKey.busy} disabled=${byKey.busy}>Log in with this key</button>
    </form>
    ${hasIdentityProvider && html`
      <${Problem} error=${byAccount.error} />
      <button class="secondary" aria-busy=${byAccount.busy} onClick=${byAccount.run}>Log in with your institute's account</button>`}
    <p class="hint">The log-in lasts as long as this tab. An administrator gives you your first key; you make
      further ones yourself. <a href="index.html">Without a log-in</a> you see what is public.</p>`;
}
