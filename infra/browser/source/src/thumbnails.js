import Vue from 'vue';

// Pictures of the catalog want the credential of who has logged in, which an <img> cannot send: they are fetched with it
// and shown from memory. All others are left to the <img>. A picture that one may not download stays blank.
const BLANK = 'data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7';
const shown = Vue.observable({});

async function load(url, token) {
  const answer = await fetch(url, { headers: { Authorization: `Bearer ${token}` } });
  if (answer.ok) {
    Vue.set(shown, url, URL.createObjectURL(await answer.blob()));
  }
}

export default function pictureOf(url) {
  const { session, isOfCatalog } = window.RS_SERVER;
  if (!session || !isOfCatalog(url)) {
    return url;
  }
  if (!(url in shown)) {
    Vue.set(shown, url, BLANK);
    load(url, session.token).catch(error => console.warn(`The picture ${url} could not be loaded: ${error.message}`));
  }
  return shown[url];
}
