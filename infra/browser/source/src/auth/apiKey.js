import Auth from './index';
import i18n from '../i18n';

// Logging in is our own page's business (pages/account.html): it offers a key and, where there is an identity
// provider, an institute's account, and keeps what it gets in the tab's session storage. Either is a bearer token.
export default class ApiKey extends Auth {

  getButtonTitle() {
    const { session } = window.RS_SERVER;
    return session ? `${i18n.t('authentication.button.title')} (${session.login})` : i18n.t('authentication.button.title');
  }

  async login() {
    window.RS_SERVER.logIn();
  }

  async logout() {
    window.RS_SERVER.logOut();
  }

  updateStore(value) {
    return this._updateStore(value);
  }

}
