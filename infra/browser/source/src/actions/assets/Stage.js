import { BIconCloudDownload } from 'bootstrap-vue';
import AssetActionPlugin from '../AssetActionPlugin';

// "Stage" beside "Download" for what a station holds: opens our page with the item, this asset of it chosen.
export default class Stage extends AssetActionPlugin {

  get item() {
    return this.asset.getContext();
  }

  get show() {
    return Boolean(this.item?.isItem?.()) && window.RS_SERVER.isOfStation(this.item.getAbsoluteUrl());
  }

  get icon() {
    return BIconCloudDownload;
  }

  get btnOptions() {
    return { href: window.RS_SERVER.stageItem(this.item.getAbsoluteUrl(), this.asset.getKey()) };
  }

  get text() {
    return 'Stage';
  }

}
