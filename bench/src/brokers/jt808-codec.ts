import { nodePeer } from './node-peer.js';

const ALONE = 'the codec alone, without sockets and hub';

export const jt808Decode = nodePeer('portico', './jt808-decode-server.js', undefined, ALONE);
export const jt808Encode = nodePeer('portico', './jt808-encode-server.js', undefined, ALONE);
