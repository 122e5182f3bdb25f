import { createHash } from 'node:crypto';
import {
  type CoapOption,
  ContentFormat,
  OptionNumber,
  opaqueOption,
  ResponseCode,
  uintOption,
} from '@portico/codec-coap';
import type { CoapRequest } from './request.js';
import { CONTENT, failure, type Response, response } from './response.js';

/** Answers a GET of `/.well-known/core`. */
export type Discovery = (request: CoapRequest) => Response;

/** A resource as `/.well-known/core` tells of it, RFC 6690 §2. */
export interface DiscoveryLink {
  readonly path: string;
  /** `rt`, RFC 6690 §3.1. */
  readonly resourceTypes: readonly string[];
}

const NOT_ACCEPTABLE = failure(ResponseCode.NotAcceptable, 'links are application/link-format');

/**
 * What `/.well-known/core` lists, RFC 6690 §4: all resources without attributes, or those of a path or resource type
 * with them (§4.1).
 */
export function discovery(links: readonly DiscoveryLink[]): Discovery {
  const everything = listed(links.map(({ path }) => `<${path}>`));
  return (request) => {
    const { accept, etags } = request;
    if (accept !== undefined && accept !== ContentFormat.LinkFormat) return NOT_ACCEPTABLE;
    const answer = found(links, request) ?? everything;
    const [etag] = answer.options;
    const known = etags.some((tag) => etag !== undefined && tag.equals(etag.value));
    return known ? unchanged(answer) : answer;
  };
}

/** The links that a query selects; undefined without one. */
function found(all: readonly DiscoveryLink[], { queries }: CoapRequest): Response | undefined {
  const path = wanted(queries, 'href=');
  const type = wanted(queries, 'rt=');
  if (path === undefined && type === undefined) return undefined;
  const links = all.filter(
    (link) =>
      (path === undefined || fits(link.path, path)) &&
      (type === undefined || link.resourceTypes.some((resourceType) => fits(resourceType, type))),
  );
  return listed(links.map(withAttributes));
}

function wanted(queries: readonly string[], prefix: string): string | undefined {
  return queries.find((query) => query.startsWith(prefix))?.slice(prefix.length);
}

/** RFC 6690 §4.1: an asterisk at the end stands for anything. */
function fits(value: string, pattern: string): boolean {
  return pattern.endsWith('*') ? value.startsWith(pattern.slice(0, -1)) : value === pattern;
}

function withAttributes({ path, resourceTypes }: DiscoveryLink): string {
  return resourceTypes.length === 0 ? `<${path}>` : `<${path}>;rt="${resourceTypes.join(' ')}"`;
}

function listed(links: readonly string[]): Response {
  const payload = Buffer.from(links.join(','));
  const etag: CoapOption = opaqueOption(
    OptionNumber.ETag,
    createHash('sha256').update(payload).digest().subarray(0, 4),
  );
  const format = uintOption(OptionNumber.ContentFormat, ContentFormat.LinkFormat);
  return { ...CONTENT, options: [etag, format], payload };
}

/** The client's copy is still good, RFC 7252 §5.10.6.2. */
function unchanged({ options }: Response): Response {
  return { ...response(ResponseCode.Valid), options: options.slice(0, 1) };
}
