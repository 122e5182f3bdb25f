/** The JT/T 808 gateway: terminals of commercial vehicles, of 2011, 2013 and 2019. */
export { jt808Gateway } from './gateway.js';
