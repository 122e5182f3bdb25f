/** What others may use of the command: the whole configuration and the gateways that are shipped. */

export { configSchema, type PorticoConfig, RESERVED_KEYS } from './config-schema.js';
export { GATEWAYS } from './gateways.js';
export { RuntimeConfig } from './runtime-config.js';
