// In place of upstream's viewers on other sites, which could not read what needs a key.
import Stage from './src/actions/assets/Stage.js';

export default { Stage };
