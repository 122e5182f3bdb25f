import type { EphemeralKey, Group } from '../keys/groups.js';
import { encodeField, type ValueOf } from '../wire/fields.js';
import { HandshakeFailure } from './failure.js';
import { ecdhParams, NAMED_CURVE } from './messages.js';

export type EcdhParams = ValueOf<typeof ecdhParams>;

/** The server's part of the key exchange (RFC 8422 §5.4). */
export function ecdhParamsOf(group: Group, { publicKey }: EphemeralKey): EcdhParams {
  return { curveType: NAMED_CURVE, group: group.id, publicKey };
}

/** What the server signs (RFC 8422 §5.4). */
export function signedParams(randoms: { client: Buffer; server: Buffer }, params: EcdhParams): Buffer {
  return Buffer.concat([randoms.client, randoms.server, encodeField(ecdhParams, params)]);
}

/** The shared secret. @throws HandshakeFailure when the peer's key is none */
export function agreeWith(own: EphemeralKey, peerKey: Buffer): Buffer {
  try {
    return own.agree(peerKey);
  } catch {
    throw new HandshakeFailure('protocol', 'illegal_parameter', 'a public key that is not of the group');
  }
}
