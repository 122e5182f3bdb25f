import { nodePeer } from './node-peer.js';

export const bareNode = nodePeer(
  'bare-node',
  './bare-node-server.js',
  undefined,
  'sockets of node:net that pass packets on and do nothing else: the floor under every Node.js broker',
);
