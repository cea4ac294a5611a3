// What STAC Browser is told before it starts: where the API is, who has logged in, and how our services lie below one
// root catalog. It runs as a plain script after config.js, which has the deployment's own values, and is shared by the
// patched places of STAC Browser as window.RS_SERVER.
(() => {
  const settings = window.RS_SERVER;
  const api = settings.apiUrl;
  const STATIONS = ['cadip', 'auxip', 'prip', 'lta'];
  const SERVICES = ['catalog', ...STATIONS];
  const SESSION = 'rs-server.session';
  const STAC = 'https://api.stacspec.org/v1.0.0';
  // Of every service, for as long as its landing page has not been read.
  const EVERY_SERVICE = [
    `${STAC}/core`, `${STAC}/collections`, `${STAC}/ogcapi-features`, `${STAC}/item-search`,
    `${STAC}/item-search#sort`, `${STAC}/ogcapi-features#sort`, `${STAC}-rc.2/item-search#filter`,
    'http://www.opengis.net/spec/ogcapi-features-3/1.0/conf/filter',
    'http://www.opengis.net/spec/ogcapi-features-3/1.0/conf/features-filter',
    'http://www.opengis.net/spec/cql2/1.0/conf/basic-cql2',
    'http://www.opengis.net/spec/cql2/1.0/conf/advanced-comparison-operators',
    'http://www.opengis.net/spec/cql2/1.0/conf/cql2-text',
    'http://www.opengis.net/spec/cql2/1.0/conf/cql2-json'
  ];

  function readSession() {
    try {
      const session = JSON.parse(sessionStorage.getItem(SESSION));
      return session && !(session.expires && session.expires <= Date.now()) ? session : null;
    } catch {
      return null;
    }
  }

  function serviceOf(url) {
    if (typeof url !== 'string' || !url.startsWith(`${api}/`)) {
      return null;
    }
    const name = url.slice(api.length + 1).split(/[/?]/)[0];
    return SERVICES.includes(name) ? name : null;
  }

  // The service of the page that is shown: `#/cadip/...`, or `#/search/cadip`.
  function shownService() {
    const name = location.hash.replace(/^#\/(search\/)?/, '').split(/[/?]/)[0];
    return SERVICES.includes(name) ? name : null;
  }

  function stagePage(parameters) {
    return `account.html#stage?${new URLSearchParams(parameters)}`;
  }

  const session = readSession();
  Object.assign(settings, {
    session,
    logIn: () => location.assign(`account.html#login?back=${encodeURIComponent(`index.html${location.hash}`)}`),
    logOut: () => location.assign(`account.html#logout?back=${encodeURIComponent(`index.html${location.hash}`)}`),
    isOfStation: url => STATIONS.includes(serviceOf(url)),
    isOfCatalog: url => serviceOf(url) === 'catalog',
    stageItem: (item, asset) => stagePage({ item, asset }),
    stageSearch: link => stagePage({ search: JSON.stringify({ href: link.href, method: link.method, body: link.body }) }),
    searchPath: () => (shownService() ? `/search/${shownService()}` : '/search/catalog'),
    // STAC Browser keeps the conformance of the document that was loaded last; ours is that of the service shown.
    conformance: state => {
      const service = shownService() ?? 'catalog';
      const landing = state.url !== undefined && (state.database[`${api}/${service}`] ?? state.database[`${api}/${service}/`]);
      return Array.isArray(landing?.conformsTo) ? landing.conformsTo : EVERY_SERVICE;
    }
  });

  // The one scheme of our items, in the words of the log-in here, so that "authentication required" leads to it.
  const authConfig = { type: 'apiKey', in: 'header', name: 'Authorization', formatter: 'Bearer' };

  function preprocessSTAC(stac, state) {
    // Links of pages and downloads, below any prefix.
    state.pathPrefix = new URL('.', location.href).pathname;
    const url = stac.getAbsoluteUrl?.();
    const service = serviceOf(url);
    if (service && [`${api}/${service}`, `${api}/${service}/`].includes(url) && !stac.links.some(each => each.rel === 'parent')) {
      const Link = stac.links[0].constructor;
      stac.links.push(new Link({ rel: 'parent', href: `${api}/`, type: 'application/json', title: 'rs-server' }, stac));
    }
    if (service === 'catalog' && stac.properties?.['auth:schemes']) {
      stac.properties['auth:schemes'] = Object.fromEntries(
        Object.keys(stac.properties['auth:schemes']).map(name => [name, authConfig])
      );
    }
    return stac;
  }

  window.STAC_BROWSER_CONFIG = {
    catalogUrl: `${api}/`,
    catalogTitle: 'rs-server',
    allowExternalAccess: false,
    historyMode: 'hash',
    pathPrefix: '/',
    authConfig,
    requestHeaders: session ? { Authorization: `Bearer ${session.token}` } : {},
    supportedLocales: ['en', 'de', 'es', 'fr', 'it', 'pl', 'pt', 'ro'],
    cardViewMode: 'list',
    itemsPerPage: 12,
    searchResultsPerPage: 12,
    socialSharing: [],
    // Footprints only: the map would ask for pictures without a credential.
    displayPreview: false,
    displayOverview: false,
    preprocessSTAC,
    footerLinks: [
      { label: 'My account', url: 'account.html' },
      { label: 'API documentation', url: `${api}/docs` }
    ]
  };
})();
