// Who has logged in, in this tab: a key or a token of the identity provider, kept in the tab's session storage, where
// STAC Browser beside us finds it (stac-browser.js). Both go to the API as bearer tokens.

const NAME = 'rs-server.session';
const { oidc } = window.RS_SERVER;

export const hasIdentityProvider = Boolean(oidc);

export function current() {
  try {
    const session = JSON.parse(sessionStorage.getItem(NAME));
    return session?.token ? session : null;
  } catch {
    return null;
  }
}

export function hasExpired(session) {
  return Boolean(session.expires && session.expires <= Date.now());
}

export function keep(session) {
  sessionStorage.setItem(NAME, JSON.stringify(session));
}

export function forget() {
  sessionStorage.removeItem(NAME);
}

// A script, fetched only by those who log in this way.
async function manager() {
  if (!window.oidc) {
    await new Promise((resolve, reject) => {
      const script = Object.assign(document.createElement('script'), { src: 'vendor/oidc-client.js' });
      script.onload = resolve;
      script.onerror = () => reject(new Error('The log-in could not be loaded. Reload the page.'));
      document.head.append(script);
    });
  }
  const here = location.href.split(/[?#]/)[0];
  const store = new window.oidc.WebStorageStateStore({ store: sessionStorage });
  return new window.oidc.UserManager({
    authority: oidc.issuer,
    client_id: oidc.clientId,
    redirect_uri: here,
    post_logout_redirect_uri: here,
    scope: 'openid profile',
    stateStore: store,
    userStore: store,
    automaticSilentRenew: false
  });
}

export async function goToIdentityProvider(back) {
  await (await manager()).signinRedirect({ state: { back } });
}

// Whether this page was opened by the identity provider's redirect.
export function comesFromIdentityProvider() {
  const query = new URLSearchParams(location.search);
  return query.has('state') && (query.has('code') || query.has('error'));
}

// Ends a log-in at the identity provider; gives the session and where to go on.
export async function takeFromIdentityProvider() {
  const user = await (await manager()).signinRedirectCallback();
  history.replaceState(null, '', location.pathname);
  const token = user.access_token?.split('.').length === 3 ? user.access_token : user.id_token;
  return { session: { kind: 'oidc', token, expires: user.expires_at ? user.expires_at * 1000 : null }, back: user.state?.back };
}

// Forgets the session here and, for an institute's account, at the identity provider.
export async function end() {
  const session = current();
  forget();
  if (session?.kind !== 'oidc' || !oidc) {
    return;
  }
  const users = await manager();
  const provider = await users.metadataService.getMetadata();
  if (provider.end_session_endpoint) {
    await users.signoutRedirect();
  } else {
    await users.removeUser();
  }
}
