// Land that is shipped with the browser (Natural Earth, public domain) comes first: it needs no network, and tells no
// other site where people look. OpenStreetMap is there to be chosen, unless the deployment says otherwise.
import TopoJSON from 'ol/format/TopoJSON.js';
import VectorLayer from 'ol/layer/Vector.js';
import Fill from 'ol/style/Fill.js';
import Style from 'ol/style/Style.js';

// No outline: along the 180th meridian it would draw lines where there is no coast.
const LAND = new Style({ fill: new Fill({ color: '#d3dfc6' }) });

export default function configureBasemap() {
  const land = {
    is: 'Vector',
    url: './land.json',
    format: new TopoJSON({ dataProjection: 'EPSG:4326' }),
    title: 'Land',
    attributions: 'Natural Earth',
    projection: 'EPSG:3857',
    layerCreated: (_, source) => new VectorLayer({ source, style: LAND, background: '#dbe9f4', title: 'Land', base: true })
  };
  const streets = {
    is: 'XYZ',
    url: 'https://tile.openstreetmap.org/{z}/{x}/{y}.png',
    title: 'OpenStreetMap',
    attributions: '&copy; <a href="https://www.openstreetmap.org/copyright" target="_blank">OpenStreetMap</a> contributors.',
    projection: 'EPSG:3857'
  };
  return window.RS_SERVER.openStreetMap === false ? [land] : [land, streets];
}
