/** The LwM2M gateway, and its bootstrap server. */
export { lwm2mBootstrapGateway } from './bootstrap/bootstrap-gateway.js';
export { lwm2mGateway } from './gateway.js';
