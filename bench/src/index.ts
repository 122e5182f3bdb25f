/** Brokers of others as processes, for tests that hold Portico against them. */
export { rabbitmqWebSocket } from './brokers/rabbitmq.js';
export { RunningPeer } from './brokers/running-peer.js';
