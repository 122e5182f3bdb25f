import { type CoapRequest, failure, type Response } from '@portico/coap-endpoint';
import { ContentFormat, ResponseCode } from '@portico/codec-coap';

const NOT_ACCEPTABLE: ReadonlyMap<number, Response> = new Map([
  [ContentFormat.LinkFormat, failure(ResponseCode.NotAcceptable, 'links are application/link-format')],
  [ContentFormat.PubsubCbor, failure(ResponseCode.NotAcceptable, 'topics are application/core-pubsub+cbor')],
]);
const UNSUPPORTED: ReadonlyMap<number, Response> = new Map([
  [
    ContentFormat.PubsubCbor,
    failure(ResponseCode.UnsupportedContentFormat, 'topic properties are application/core-pubsub+cbor'),
  ],
  [
    ContentFormat.Cbor,
    failure(ResponseCode.UnsupportedContentFormat, 'the keys of topic properties are application/cbor'),
  ],
]);

/** Why a request cannot be answered in the one format that there is; undefined when it can. */
export function acceptFault({ accept }: CoapRequest, offered: number): Response | undefined {
  return accept === undefined || accept === offered ? undefined : NOT_ACCEPTABLE.get(offered);
}

/** Why the payload of a request cannot be read, which has to be in one format; undefined when it can. */
export function formatFault({ contentFormat }: CoapRequest, expected: number): Response | undefined {
  return contentFormat === expected ? undefined : UNSUPPORTED.get(expected);
}
