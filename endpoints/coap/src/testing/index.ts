/** For tests of gateways over CoAP: devices without sockets, and parts of their messages. */
export { Device, type GatewayUnderTest, type RequestParts } from './device.js';
export { Dice } from './dice.js';
export { ObserveOrder } from './observe-order.js';
export { block2, bytes, rawOption, seen } from './parts.js';
