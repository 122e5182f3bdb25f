/** Gateway for CoAP devices: publish and subscribe by PUT and GET. See README.md. */
export { coapGateway } from './gateway.js';
