/** For the suites of tests that have a package of their own. */
export { LocalHub } from './support/local-hub.js';
export { RawClient } from './support/raw-client.js';
export { nextTurn } from './support/turns.js';
