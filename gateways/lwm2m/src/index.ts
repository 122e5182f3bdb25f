/** The LwM2M gateway, and its bootstrap server. */
export { lwm2mBootstrapGateway } from './bootstrap/bootstrap-gateway.js';
export type { CommandState, CommandView } from './commands/command-view.js';
export { devicesOf, type Lwm2mGateway, lwm2mGateway } from './gateway.js';
export type { LastValue } from './last-values.js';
export type { DeviceSummary, OperatorView } from './operator-view.js';
