import { CONTENT, failure, payloadTag, type Response, response } from '@portico/coap-endpoint';
import {
  type CoapOption,
  ContentFormat,
  contentFormatOf,
  mediaType,
  OptionNumber,
  ResponseCode,
  uintOption,
} from '@portico/codec-coap';
import { allocateWireSlot, type Message, type MessageProperties } from '@portico/core';

/** Where a message keeps its entity-tag. */
const ETAG_SLOT = allocateWireSlot();

const NOT_ACCEPTABLE = failure(ResponseCode.NotAcceptable, 'what was published has another format');

/** Options and properties by content format; there are only so many that have a media type. */
const OPTIONS = new Map<number, CoapOption>();
const PROPERTIES = new Map<number, MessageProperties>();

/** The Content-Format option of a content format that the codec knows. */
export function formatOption(contentFormat: number): CoapOption {
  let option = OPTIONS.get(contentFormat);
  if (option === undefined) {
    option = uintOption(OptionNumber.ContentFormat, contentFormat);
    OPTIONS.set(contentFormat, option);
  }
  return option;
}

/**
 * The properties of a message that was published with a content format: its media type as MQTT 5 Content Type.
 * Octets, which is what everything is, and formats without a media type are not told.
 */
export function formatProperties(contentFormat: number | undefined): MessageProperties | undefined {
  if (contentFormat === undefined || contentFormat === ContentFormat.OctetStream) return undefined;
  const known = PROPERTIES.get(contentFormat);
  if (known !== undefined) return known;
  const contentType = mediaType(contentFormat);
  if (contentType === undefined) return undefined;
  const properties = { contentType };
  PROPERTIES.set(contentFormat, properties);
  return properties;
}

/** The content format of a message by its MQTT 5 Content Type; octets where it has none, or one without number. */
export function formatOf({ properties }: Message): number {
  const contentType = properties?.contentType;
  const format = contentType === undefined ? undefined : contentFormatOf(contentType);
  return format ?? ContentFormat.OctetStream;
}

/** Whether a message may be sent to whoever accepts a format alone: anything is octets, and may be text. */
function acceptable(message: Message, accept: number): boolean {
  return (
    accept === ContentFormat.OctetStream || accept === ContentFormat.TextPlain || accept === formatOf(message)
  );
}

/** The entity-tag of a message, which other bytes or another media type do not have; hashed once for all who ask. */
export function entityTag(message: Message): CoapOption {
  message.wire ??= [];
  const known = message.wire[ETAG_SLOT] as CoapOption | undefined;
  if (known !== undefined) return known;
  const etag = payloadTag(message.payload, message.properties?.contentType);
  message.wire[ETAG_SLOT] = etag;
  return etag;
}

/**
 * How long a message is fresh (Max-Age, RFC 7252 §5.10.5): until it expires; undefined where it does not.
 * @param now milliseconds since 1970
 */
export function maxAge({ expiresAt }: Message, now: number): CoapOption | undefined {
  if (expiresAt === Number.POSITIVE_INFINITY) return undefined;
  return uintOption(OptionNumber.MaxAge, Math.max(0, Math.floor((expiresAt - now) / 1000)));
}

/**
 * A message as 2.05, RFC 7252 §5.9.1.4; 2.03 for whoever has it already.
 * @param accept the only format that is wanted; undefined for any
 * @param etags of what the client has
 */
export function represent(message: Message, accept: number | undefined, etags: readonly Buffer[]): Response {
  if (accept !== undefined && !acceptable(message, accept)) return NOT_ACCEPTABLE;
  const contentFormat = accept ?? formatOf(message);
  const etag = entityTag(message);
  if (etags.some((known) => known.equals(etag.value))) {
    return { ...response(ResponseCode.Valid), options: [etag] };
  }
  return { ...CONTENT, options: [etag, formatOption(contentFormat)], payload: message.payload };
}
