import { createHash } from 'node:crypto';
import {
  type CoapOption,
  ContentFormat,
  Method,
  NO_BYTES,
  OptionNumber,
  opaqueOption,
  ResponseCode,
  uintOption,
} from '@portico/codec-coap';
import { byMethod, type Handler } from './resource.js';
import { CONTENT, failure, type Response, response } from './response.js';

/** What there is, RFC 6690. Fixed: tools compare it. */
const LINKS = Buffer.from('</mqtt>,</ps>');
const ETAG: CoapOption = opaqueOption(
  OptionNumber.ETag,
  createHash('sha256').update(LINKS).digest().subarray(0, 4),
);
const LISTED: Response = {
  ...CONTENT,
  options: [ETAG, uintOption(OptionNumber.ContentFormat, ContentFormat.LinkFormat)],
  payload: LINKS,
};
/** The client's copy is still good, RFC 7252 §5.10.6.2. */
const UNCHANGED: Response = { ...response(ResponseCode.Valid), options: [ETAG], payload: NO_BYTES };
const NOT_ACCEPTABLE = failure(ResponseCode.NotAcceptable, 'links are application/link-format');

/** `/.well-known/core`, RFC 6690 §4: GET lists the resources. */
export const discovery: Handler = byMethod({
  [Method.GET]: ({ accept, etags }) => {
    if (accept !== undefined && accept !== ContentFormat.LinkFormat) return NOT_ACCEPTABLE;
    return etags.some((etag) => etag.equals(ETAG.value)) ? UNCHANGED : LISTED;
  },
});

const NO_BROKER = failure(
  ResponseCode.NotImplemented,
  'publish-subscribe resources are not served; use /mqtt',
);

/** `/ps`: listed, and honest about what it is. */
export const pubsub: Handler = () => NO_BROKER;
