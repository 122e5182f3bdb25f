import type { IncomingHttpHeaders } from 'node:http';
import { isIP } from 'node:net';
import type { PeerAddress } from '../../engine/client-info.js';
import type { WebSocketConfig } from '../listener-config.js';
import { plainAddress } from '../peer-address.js';

/**
 * The client behind an HTTP proxy, where the configuration names the headers that say so. What they do not
 * say, or not rightly, stays as it is.
 */
export function proxiedPeer(
  headers: IncomingHttpHeaders,
  { proxy_address_header, proxy_port_header }: WebSocketConfig,
  peer: PeerAddress,
): PeerAddress {
  const host = firstValue(headers, proxy_address_header);
  const port = firstValue(headers, proxy_port_header);
  return {
    host: host !== undefined && isIP(host) !== 0 ? plainAddress(host) : peer.host,
    port: port !== undefined && /^\d{1,5}$/.test(port) && Number(port) <= 65535 ? Number(port) : peer.port,
  };
}

/** The first in a list of values is what the proxy nearest to the client wrote. */
function firstValue(headers: IncomingHttpHeaders, name: string | undefined): string | undefined {
  if (name === undefined) return undefined;
  const value = headers[name.toLowerCase()];
  const text = Array.isArray(value) ? value[0] : value;
  return text?.split(',', 1)[0]?.trim();
}
