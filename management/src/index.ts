/** The management API: an HTTP server beside the hub, for operators and their programs. */

export { type ManagementConfig, managementConfigSchema } from './config.js';
export type { ManagedHub } from './endpoint.js';
export { type ManagementOptions, ManagementServer } from './management-server.js';
export { managementFileFaults } from './named-files.js';
