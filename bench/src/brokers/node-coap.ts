import { nodePeer } from './node-peer.js';

export const nodeCoap = nodePeer(
  'node-coap',
  './node-coap-server.js',
  'coap',
  'a handler that answers 2.04 and keeps nothing',
);
