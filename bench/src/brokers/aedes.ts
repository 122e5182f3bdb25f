import { nodePeer } from './node-peer.js';

export const aedes = nodePeer('aedes', './aedes-server.js', 'aedes', 'as its documentation starts it');
