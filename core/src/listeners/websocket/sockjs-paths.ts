import { randomInt } from 'node:crypto';

/** What is at a path of a listener that serves SockJS clients, too (SockJS protocol 0.3.3, its sections). */
export type SockJsPlace =
  /** “Info test”: what a client asks first. */
  | 'info'
  /** “Raw WebSocket endpoint”: the same as at the listener's own path. */
  | 'raw'
  /** “WebSocket transport”: with the framing of SockJS. */
  | 'framed';

/** Server and session, of which neither is empty nor has a dot (“Session URLs”). */
const FRAMED = /^[^/.]+\/[^/.]+\/websocket$/;

/**
 * @param path without its query
 * @param base the listener's own
 * @returns undefined for that path itself, and for what there is not: the transports for browsers without WebSocket, too
 */
export function sockJsPlace(path: string, base: string): SockJsPlace | undefined {
  const prefix = base.endsWith('/') ? base : `${base}/`;
  if (!path.startsWith(prefix)) return undefined;
  const rest = path.slice(prefix.length);
  if (rest === 'info') return 'info';
  if (rest === 'websocket') return 'raw';
  return FRAMED.test(rest) ? 'framed' : undefined;
}

/**
 * A whole HTTP response that tells a client what there is.
 * @param method GET, or OPTIONS: what browsers ask before (Fetch, “CORS-preflight request”)
 * @param origin of the page, which has been found to be allowed
 */
export function sockJsInformation(method: 'GET' | 'OPTIONS', origin: string | undefined): string {
  if (method === 'OPTIONS') {
    return response('204 No Content', ['Access-Control-Allow-Methods: OPTIONS, GET', ...crossOrigin(origin)]);
  }
  const body = information();
  const headers = [
    'Content-Type: application/json; charset=UTF-8',
    'Cache-Control: no-store, no-cache, must-revalidate, max-age=0',
    `Content-Length: ${Buffer.byteLength(body)}`,
  ];
  return response('200 OK', [...headers, ...crossOrigin(origin)], body);
}

/** The random number seeds clients that have no good one. */
function information(): string {
  const entropy = randomInt(2 ** 32);
  return JSON.stringify({ websocket: true, origins: ['*:*'], cookie_needed: false, entropy });
}

/** Lets a page of that origin read the answer (Fetch, “CORS protocol”). */
function crossOrigin(origin: string | undefined): string[] {
  if (origin === undefined) return [];
  return [`Access-Control-Allow-Origin: ${origin}`, 'Access-Control-Allow-Credentials: true', 'Vary: Origin'];
}

function response(status: string, headers: readonly string[], body = ''): string {
  return [`HTTP/1.1 ${status}`, ...headers, 'Connection: close', '', body].join('\r\n');
}
