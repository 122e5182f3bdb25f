/** Gateway for MQTT clients: the protocol that the hub's other side speaks too. */
export { mqttGateway } from './gateway.js';
