/**
 * Data items of CBOR (RFC 8949): what the payloads of CoAP publish-subscribe and of LwM2M are made of. Everything
 * that is well-formed is read, within bounds; what is written is the shortest form. Tags are not interpreted.
 */

export { type CborErrorCode, type CborLimits, decode } from './decoder.js';
export { encode } from './encoder.js';
export { fuzz } from './fuzz.js';
export { type CborMap, CborSimple, CborTag, type CborValue } from './value.js';
