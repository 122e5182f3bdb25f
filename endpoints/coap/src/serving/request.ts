import { isUtf8 } from 'node:buffer';
import {
  type CoapMessage,
  type CoapOption,
  isCritical,
  isMalformed,
  MessageType,
  Method,
  OptionNumber,
  optionDefinition,
  validText,
} from '@portico/codec-coap';

/** A request with its options read. Token, payload and entity-tags are views into the datagram. */
export interface CoapRequest {
  readonly method: number;
  readonly confirmable: boolean;
  readonly token: Buffer;
  readonly payload: Buffer;
  /** Uri-Path, a segment each. */
  readonly path: readonly string[];
  /** Uri-Query, an argument each. */
  readonly queries: readonly string[];
  readonly etags: readonly Buffer[];
  /** If-Match, of a PUT (RFC 7252 §5.10.8.1): an empty one for anything; undefined without the option. */
  readonly ifMatch: readonly Buffer[] | undefined;
  /** If-None-Match, of a PUT (RFC 7252 §5.10.8.2). */
  readonly ifNoneMatch: boolean;
  readonly contentFormat: number | undefined;
  readonly observe: number | undefined;
  readonly accept: number | undefined;
  readonly block1: number | undefined;
  readonly block2: number | undefined;
  /** Bytes of the whole payload, as the client tells in advance; 0 when it does not. */
  readonly size1: number;
  /** Whether the client wants to know how long the whole payload of the response is (Size2). */
  readonly size2: boolean;
  /** All Request-Tag options (RFC 9175 §3), as text; undefined for none. */
  readonly requestTag: string | undefined;
  /** RFC 9175 §2.2. */
  readonly echo: Buffer | undefined;
  /** Classes of responses not wanted, as bits (RFC 7967 §2); 0 for none. */
  readonly noResponse: number;
  /** Whether the client takes us for a proxy. */
  readonly proxied: boolean;
}

/** The number of a critical option that is not understood. */
export interface BadOption {
  readonly badOption: number;
}

class RequestReader {
  readonly path: string[] = [];
  readonly queries: string[] = [];
  readonly etags: Buffer[] = [];
  ifMatch: Buffer[] | undefined;
  ifNoneMatch = false;
  contentFormat: number | undefined;
  observe: number | undefined;
  accept: number | undefined;
  block1: number | undefined;
  block2: number | undefined;
  size1 = 0;
  size2 = false;
  requestTag: string | undefined;
  echo: Buffer | undefined;
  noResponse = 0;
  proxied = false;

  constructor(
    readonly method: number,
    readonly confirmable: boolean,
    readonly token: Buffer,
    readonly payload: Buffer,
  ) {}

  /** @returns false when the option is not one that the gateway understands */
  take(option: CoapOption): boolean {
    switch (option.number) {
      case OptionNumber.UriPath:
        return takeText(option, this.path) && !isDotSegment(this.path.at(-1));
      case OptionNumber.UriQuery:
        return takeText(option, this.queries);
      case OptionNumber.UriHost:
        return isUtf8(option.value);
      case OptionNumber.UriPort:
        return true;
      case OptionNumber.ETag:
        this.etags.push(option.value);
        return true;
      case OptionNumber.IfMatch:
        this.ifMatch ??= [];
        this.ifMatch.push(option.value);
        return this.method === Method.PUT;
      case OptionNumber.IfNoneMatch:
        this.ifNoneMatch = true;
        return this.method === Method.PUT;
      case OptionNumber.ContentFormat:
        this.contentFormat = option.uint;
        return true;
      case OptionNumber.Observe:
        this.observe = option.uint;
        return true;
      case OptionNumber.Accept:
        this.accept = option.uint;
        return true;
      case OptionNumber.Block1:
        this.block1 = option.uint;
        return true;
      case OptionNumber.Block2:
        this.block2 = option.uint;
        return true;
      case OptionNumber.Size1:
        this.size1 = option.uint;
        return true;
      case OptionNumber.Size2:
        this.size2 = true;
        return true;
      case OptionNumber.RequestTag:
        this.requestTag = `${this.requestTag ?? ''}/${option.value.toString('hex')}`;
        return true;
      case OptionNumber.Echo:
        this.echo = option.value;
        return true;
      case OptionNumber.NoResponse:
        this.noResponse = option.uint;
        return true;
      case OptionNumber.ProxyUri:
      case OptionNumber.ProxyScheme:
        this.proxied = true;
        return true;
      default:
        return false;
    }
  }
}

function takeText(option: CoapOption, list: string[]): boolean {
  const text = validText(option);
  if (text === undefined) return false;
  list.push(text);
  return true;
}

/** Segments that no Uri-Path may hold, RFC 7252 §5.10.1: a URI is resolved before it is sent. */
function isDotSegment(segment: string | undefined): boolean {
  return segment === '.' || segment === '..';
}

/**
 * Reads a request's options. An option that is malformed, or repeated where it may not be, counts as not
 * understood (RFC 7252 §5.4.3, §5.4.5); elective ones that are not understood are passed over (§5.4.1).
 */
export function readRequest(message: CoapMessage): CoapRequest | BadOption {
  const { code, type, token, payload } = message;
  const reader = new RequestReader(code, type === MessageType.CON, token, payload);
  let previous = -1;
  for (const option of message.options) {
    const definition = optionDefinition(option.number);
    const sound =
      definition !== undefined &&
      (definition.repeatable || option.number !== previous) &&
      !isMalformed(option, definition);
    const understood = sound && reader.take(option);
    if (!understood && isCritical(option.number)) return { badOption: option.number };
    previous = option.number;
  }
  return reader;
}

/** A request that outlives its datagram. */
export function keepRequest(request: CoapRequest): CoapRequest {
  return {
    ...request,
    token: Buffer.from(request.token),
    payload: Buffer.from(request.payload),
    etags: copies(request.etags),
    ifMatch: request.ifMatch === undefined ? undefined : copies(request.ifMatch),
  };
}

function copies(list: readonly Buffer[]): Buffer[] {
  return list.map((bytes) => Buffer.from(bytes));
}
