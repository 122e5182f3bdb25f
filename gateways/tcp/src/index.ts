/** Gateway for the private TCP protocol v1. The smallest one: read it first when you write another. */
export { tcpGateway } from './gateway.js';
