/** The GB/T 32960 gateway. */
export { gbt32960Gateway } from './gateway.js';
