/**
 * What every command needs of the core, without what makes a hub: how configuration is read, errors, text for people. The
 * whole core takes a command that only asks a hub half a second of a processor to load.
 */
export { isLoopbackAddress } from './access/ip-range.js';
export { isSettings, type Settings } from './config/environment.js';
export { formatPath } from './config/key-path.js';
export { type ConfigErrorCode, type ConfigResult, loadConfig } from './config/load.js';
export { type Overrides, overridesText } from './config/overrides.js';
export { type ConfigProblem, type ConfigSource, formatProblem, formatSource } from './config/problem.js';
export type { ConfigValue } from './config/values.js';
export { PorticoError } from './runtime/errors.js';
export { fileReason } from './runtime/file-reason.js';
export { escapeControls } from './runtime/log-line.js';
export { quantity } from './runtime/quantity.js';
export { localTimeText } from './runtime/time-text.js';
