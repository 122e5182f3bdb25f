import { DEFAULT_MTU, MIN_MTU } from './handshake/outgoing.js';

/** Bytes of the longest connection id: records have room for more, their readers often not. */
const MAX_CID_LENGTH = 20;

/** @throws RangeError when what a server or client is given is out of its range */
export function requireRanges(mtu = DEFAULT_MTU, cidLength = 0): void {
  if (!(cidLength >= 0 && cidLength <= MAX_CID_LENGTH)) {
    throw new RangeError(`a connection id of ${cidLength} bytes`);
  }
  if (!(mtu >= MIN_MTU)) throw new RangeError(`an mtu of ${mtu} bytes`);
}
