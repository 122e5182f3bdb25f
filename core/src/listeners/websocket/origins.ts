import { isLoopbackAddress } from '../../access/ip-range.js';

/** Stands for all origins. */
const ANY = '*';
/** What browsers say of a page that has no origin, such as one from a file (RFC 6454 §7.1). */
const NONE = 'null';

const ORIGIN = /^[a-z][a-z0-9+.-]*:\/\/[^\s/?#@]+$/i;

/** Why a text is no origin as `allowed_origins` takes them, or undefined when it is one. */
export function originError(text: string): string | undefined {
  if (text === ANY || text === NONE || (ORIGIN.test(text) && URL.canParse(text))) return undefined;
  return `"${text}" is no origin such as https://app.example or http://10.0.0.1:8080, "null", or "*" for any`;
}

/** An origin of the configuration as browsers write it: in lower case, without the port that goes without saying. */
export function plainOrigin(text: string): string {
  if (text === ANY || text === NONE) return text;
  const { origin } = new URL(text);
  return origin === NONE ? text.toLowerCase() : origin;
}

/**
 * Whether the web page that a browser connects for may do so (RFC 6455 §10.2). Clients that are no browsers send no
 * origin and may.
 *
 * @param allowed origins by {@link plainOrigin}; undefined for any, but on a listener that only this machine can reach
 *   only those of this machine: a page from elsewhere would come in there as if it were the machine's user
 * @param loopback whether only this machine can reach the listener
 */
export function mayConnect(
  origin: string | undefined,
  allowed: readonly string[] | undefined,
  loopback: boolean,
): boolean {
  if (origin === undefined) return true;
  if (allowed === undefined) return !loopback || isOfThisMachine(origin);
  return allowed.includes(ANY) || allowed.includes(origin.toLowerCase());
}

function isOfThisMachine(origin: string): boolean {
  if (!URL.canParse(origin)) return false;
  const host = new URL(origin).hostname.replace(/^\[(.*)\]$/, '$1').toLowerCase();
  return host === 'localhost' || host.endsWith('.localhost') || isLoopbackAddress(host);
}
