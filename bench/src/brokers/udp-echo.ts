import { nodePeer } from './node-peer.js';

export const udpEcho = nodePeer(
  'udp-echo',
  './udp-echo-server.js',
  undefined,
  'a bare node:dgram echo: the floor under every Node.js server on UDP',
);
