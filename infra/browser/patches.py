"""What we change in the sources of STAC Browser, each with its reason.

Whole files of ours lie in `source/` and replace or join upstream's. These are the places inside upstream's own files:
a text that must be there exactly once, and what stands in its stead, so that a new version either takes the patch or
fails the build.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path


class PatchFailed(Exception):
    """A patch does not fit the sources; the message says which."""


@dataclass(frozen=True, slots=True)
class Patch:
    """One change in one file."""

    path: str
    reason: str
    before: str
    after: str


PATCHES = (
    Patch(
        "package.json",
        "Linting its sources is upstream's business; the build needs no linter.",
        '    "@vue/cli-plugin-eslint": "^5.0.4",\n',
        "",
    ),
    Patch(
        "src/components/Map.vue",
        "The packages are not where they are in upstream's own checkout.",
        "../../node_modules/ol/ol.css",
        "~ol/ol.css",
    ),
    Patch(
        "src/components/maps/MapSelect.vue",
        "The same.",
        "../../../node_modules/ol/ol.css",
        "~ol/ol.css",
    ),
    Patch(
        "public/index.html",
        "Configuration at run time, by paths that hold below any prefix, and an icon.",
        '<!-- <script defer="defer" src="/config.js"></script> -->',
        '<link rel="icon" href="./favicon.svg"><script src="./config.js"></script>'
        '<script src="./stac-browser.js"></script>',
    ),
    Patch(
        "src/router/index.js",
        "The search of an API below the root catalog has an address, to which its button leads already.",
        """      component: () => import("../views/Search.vue")
    });
  }
""",
        """      component: () => import("../views/Search.vue")
    });
    routes.push({
      path: "/search/(.+)",
      component: () => import("../views/Search.vue"),
      props: route => ({ loadParent: route.params.pathMatch })
    });
  }
""",
    ),
    Patch(
        "src/StacBrowser.vue",
        "That address is a search page, too.",
        "return this.$route.name === 'search';",
        "return /^\\/search(\\/|$)/.test(this.$route.path);",
    ),
    Patch(
        "src/StacBrowser.vue",
        "Search is that of the service whose page is shown.",
        "return '/search';",
        "return window.RS_SERVER.searchPath();",
    ),
    Patch(
        "src/store/index.js",
        "What can be done is what the service shown can do, not the one that was loaded last.",
        "return Boolean(state.conformsTo.find(",
        "return Boolean(window.RS_SERVER.conformance(state).find(",
    ),
    Patch(
        "src/components/HrefActions.vue",
        "A station's own file wants the station's credentials, which only staging has.",
        "return this.isAsset && this.isBrowserProtocol;",
        "return this.isAsset && this.isBrowserProtocol &&\n"
        "        !window.RS_SERVER.isOfStation(this.data.getContext?.()?.getAbsoluteUrl?.());",
    ),
    Patch(
        "src/store/auth.js",
        "Who has logged in on our page is logged in here, after a reload too.",
        "credentials: null,",
        "credentials: window.RS_SERVER.session?.token ?? null,",
    ),
    Patch(
        "src/views/Search.vue",
        "What a search over stations finds can be staged.",
        '          <div id="search-map" v-if="resultCollection">',
        '          <StageSearch v-if="!isCollectionSearch" :link="link" />\n'
        '          <div id="search-map" v-if="resultCollection">',
    ),
    Patch(
        "src/views/Search.vue",
        "The component for this.",
        "    SearchFilter,\n",
        "    SearchFilter,\n    StageSearch: () => import('../components/StageSearch.vue'),\n",
    ),
    Patch(
        "src/components/Map.vue",
        "The map would ask for pictures without a credential; it shows footprints.",
        "displayPreview: this.children && this.children.isItemCollection()",
        "displayPreview: false",
    ),
    Patch(
        "src/components/CardMixin.js",
        "Pictures of the catalog are fetched with the credential, which an image of a page cannot send: in lists,",
        "import Utils from '../utils';\n",
        "import Utils from '../utils';\nimport pictureOf from '../thumbnails';\n",
    ),
    Patch(
        "src/components/CardMixin.js",
        "here,",
        "            src: t.getAbsoluteUrl(),\n",
        "            src: pictureOf(t.getAbsoluteUrl()),\n",
    ),
    Patch(
        "src/components/Thumbnails.vue",
        "and on an item's page,",
        ':src="thumbnail.getAbsoluteUrl()"',
        ':src="pictureOf(thumbnail.getAbsoluteUrl())"',
    ),
    Patch(
        "src/components/Thumbnails.vue",
        "with this method,",
        "    ...mapState(['crossOriginMedia'])\n  }\n",
        "    ...mapState(['crossOriginMedia'])\n  },\n  methods: { pictureOf }\n",
    ),
    Patch(
        "src/components/Thumbnails.vue",
        "from this file.",
        "import { mapState } from 'vuex';\n",
        "import { mapState } from 'vuex';\nimport pictureOf from '../thumbnails';\n",
    ),
    Patch(
        "src/store/index.js",
        "What was asked for by a page that has been left in the meantime must not show itself on the next one:",
        "function getStore(config, router) {\n",
        """function getStore(config, router) {
  const isShown = (cx, url) => router.currentRoute.name !== 'browse'
    || cx.getters.fromBrowserPath(router.currentRoute.params.pathMatch || '/') === url;

""",
    ),
    Patch(
        "src/store/index.js",
        "not the page itself,",
        "        if (loading.show) {\n          cx.commit('showPage', { url });",
        "        if (loading.show && isShown(cx, url)) {\n          cx.commit('showPage', { url });",
    ),
    Patch(
        "src/store/index.js",
        "not its collections (which a page opened while it is read in the background has, too),",
        "        if (!omitApi && apiCollectionLink) {\n          let args = { stac: data, show: loading.show };",
        "        if ((!omitApi || loading.show) && apiCollectionLink) {\n"
        "          let args = { stac: data, show: loading.show && isShown(cx, url) };",
    ),
    Patch(
        "src/store/index.js",
        "and not its items (the same).",
        "        else if (!omitApi && apiItemLink) {\n          let args = { stac: data, show: loading.show };",
        "        else if ((!omitApi || loading.show) && apiItemLink) {\n"
        "          let args = { stac: data, show: loading.show && isShown(cx, url) };",
    ),
    Patch(
        "src/store/index.js",
        "Nor do collections show that arrive after the page was left,",
        "          let response = await stacRequest(cx, link);\n"
        "          if (!Utils.isObject(response.data) || !Array.isArray(response.data.collections)) {",
        "          const page = router.currentRoute.path;\n"
        "          let response = await stacRequest(cx, link);\n"
        "          show = show && page === router.currentRoute.path;\n"
        "          if (!Utils.isObject(response.data) || !Array.isArray(response.data.collections)) {",
    ),
    Patch(
        "src/store/index.js",
        "or items.",
        "          let response = await stacRequest(cx, link);\n"
        "          if (!Utils.isObject(response.data) || !Array.isArray(response.data.features)) {",
        "          const page = router.currentRoute.path;\n"
        "          let response = await stacRequest(cx, link);\n"
        "          show = show && page === router.currentRoute.path;\n"
        "          if (!Utils.isObject(response.data) || !Array.isArray(response.data.features)) {",
    ),
    Patch(
        "src/store/index.js",
        "Who asks for what is being read already waits for it, or a search has no service, and a page no parents.",
        "          cx.commit('updateLoading', { url, show });\n          return;\n",
        """          cx.commit('updateLoading', { url, show });
          await new Promise(done => {
            const end = this.watch(state => state.database[url], value => {
              if (!(value instanceof Loading)) {
                end();
                done();
              }
            });
          });
          return;
""",
    ),
    Patch(
        "src/store/index.js",
        "A list that a key may not read any more says so; upstream shows none.",
        "        await cx.dispatch('auth/requestLogin');\n",
        """        if (cx.getters['auth/isLoggedIn'] && url !== cx.state.url) {
          cx.commit('showGlobalError', { message: i18n.t('authentication.unauthorized') });
        }
        await cx.dispatch('auth/requestLogin');
""",
    ),
    Patch(
        "src/store/utils.js",
        "A missing right is not mended by a log-in; the API answers 401 where one is missing.",
        "return [401, 403].includes(error?.response?.status);",
        "return error?.response?.status === 401;",
    ),
    Patch(
        "src/components/Map.vue",
        "A map that is drawn anew hears of its former layer, too:",
        "const extent = this.stacLayer.getExtent();",
        "const extent = this.stacLayer?.getExtent();",
    ),
    Patch(
        "src/components/Map.vue",
        "here,",
        "        this.empty = this.stacLayer.isEmpty();\n",
        "        if (!this.stacLayer) return;\n        this.empty = this.stacLayer.isEmpty();\n",
    ),
    Patch(
        "src/components/Map.vue",
        "and here.",
        """      await this.stacLayer.setAssets(null, false);
      await this.stacLayer.setChildren(this.children, this.childrenOptions, false);
      await this.stacLayer.updateLayers();
""",
        """      const layer = this.stacLayer;
      await layer.setAssets(null, false);
      await layer.setChildren(this.children, this.childrenOptions, false);
      await layer.updateLayers();
""",
    ),
    Patch(
        "node_modules/vue-read-more-smooth/dist/vue-read-more-smooth.common.js",
        "A description measures itself a moment after it is shown; by then the visitor may be on another page.",
        "    setTimeout(() => {\n      this.readmore = ",
        "    setTimeout(() => {\n      if (!this.$refs.to) return;\n      this.readmore = ",
    ),
)


def apply(source: Path, patches: Sequence[Patch] = PATCHES) -> None:
    """Change the sources in the folder `source`; raises PatchFailed where they are not what a patch expects."""
    for patch in patches:
        file = source / patch.path
        text = file.read_text()
        if text.count(patch.before) != 1:
            raise PatchFailed(f"{patch.path} does not have this exactly once: {patch.before!r} ({patch.reason})")
        file.write_text(text.replace(patch.before, patch.after))
