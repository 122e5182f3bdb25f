import { nodePeer } from './node-peer.js';

export const gbt32960Codec = nodePeer(
  'portico',
  './gbt32960-codec-server.js',
  undefined,
  'the codec alone, without sockets and hub',
);
