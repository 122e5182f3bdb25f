import { createHash } from 'node:crypto';
import { type CoapOption, OptionNumber, opaqueOption } from '@portico/codec-coap';

/** Bytes of an entity-tag, RFC 7252 §5.10.6. */
const ETAG_LENGTH = 8;

/** The entity-tag of a payload. @param contentType its media type, which makes another tag of the same bytes */
export function payloadTag(payload: Buffer, contentType = ''): CoapOption {
  const hash = createHash('sha256').update(`${contentType}\n`).update(payload).digest();
  return opaqueOption(OptionNumber.ETag, hash.subarray(0, ETAG_LENGTH));
}
