/** Gateway for MQTT-SN 1.2 devices. See README.md. */
export { mqttSnGateway } from './gateway.js';
