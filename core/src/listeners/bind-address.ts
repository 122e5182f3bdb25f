import { isIPv4, isIPv6 } from 'node:net';
import type { PeerAddress } from '../engine/client-info.js';

/** Where a bare port listens: every IPv4 interface. */
const ALL_INTERFACES = '0.0.0.0';

const HOST_NAME = /^(?!-)[A-Za-z0-9-]{1,63}(?<!-)(?:\.(?!-)[A-Za-z0-9-]{1,63}(?<!-))*$/;

export type BindAddressResult =
  | { readonly ok: true; readonly address: PeerAddress }
  | { readonly ok: false; readonly error: string };

/**
 * Reads where a listener is to bind: `1883` (every IPv4 interface), `127.0.0.1:1883`, `localhost:1883`,
 * `[::1]:1883` or `::1:1883`, where what follows the last colon is the port. Port 0 takes any free one.
 */
export function parseBindAddress(text: string): BindAddressResult {
  const colon = text.lastIndexOf(':');
  const port = parsePort(text.slice(colon + 1));
  if (port === undefined)
    return wrong(`"${text}" must end in a port from 0 to 65535, such as 127.0.0.1:1883`);
  if (colon < 0) return { ok: true, address: { host: ALL_INTERFACES, port } };
  return parseHost(text.slice(0, colon), port, text);
}

function parseHost(text: string, port: number, whole: string): BindAddressResult {
  const bracketed = /^\[(.*)\]$/.exec(text)?.[1];
  if (bracketed !== undefined) {
    if (isIPv6(bracketed)) return { ok: true, address: { host: bracketed, port } };
    return wrong(`"${bracketed}" in "${whole}" is not an IPv6 address`);
  }
  if (isIPv6(text) || isIPv4(text)) return { ok: true, address: { host: text, port } };
  if (isIPv6(whole)) return wrong(`"${whole}" lacks a port: write [${whole}]:1883`);
  if (/^[\d.]+$/.test(text)) return wrong(`"${text}" in "${whole}" is not an IPv4 address`);
  if (HOST_NAME.test(text)) return { ok: true, address: { host: text, port } };
  return wrong(`"${text}" in "${whole}" is neither an IP address nor a host name`);
}

function parsePort(text: string): number | undefined {
  if (!/^\d{1,5}$/.test(text)) return undefined;
  const port = Number(text);
  return port <= 65535 ? port : undefined;
}

function wrong(error: string): BindAddressResult {
  return { ok: false, error };
}
