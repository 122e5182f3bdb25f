import { type CoapMessage, decode, describe, encode } from '@portico/codec-coap';
import type { DatagramCodec, Explainer } from '@portico/core';

/**
 * The message codec as the hub uses it: without state, so one does for all peers.
 * @param secretQueries names of arguments of a URI whose values no log shows
 * @param explainer of the gateway's protocol
 */
export function messageCodec(
  secretQueries: ReadonlySet<string>,
  explainer: Explainer,
): DatagramCodec<CoapMessage, CoapMessage> {
  return {
    kind: 'datagram',
    decode,
    encode,
    describe: (message) => describe(message, secretQueries),
    explain: (bytes) => explainer.explain(bytes, {}),
  };
}
