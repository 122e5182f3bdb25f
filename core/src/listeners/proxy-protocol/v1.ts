import { isIPv4, isIPv6 } from 'node:net';
import type { PeerAddress } from '../../engine/client-info.js';
import { canonicalIPv6, plainAddress } from '../peer-address.js';
import { type ProxyHeader, ProxyProtocolError } from './header.js';

export const V1_PREFIX = Buffer.from('PROXY ', 'latin1');

/** Longest line with its CRLF: the worst case of section 2.1. */
export const MAX_V1_LENGTH = 107;

const UNKNOWN: ProxyHeader = {
  version: 1,
  addresses: undefined,
  authority: undefined,
  certificate: undefined,
};

/**
 * Reads the line of version 1, such as `PROXY TCP4 192.0.2.1 192.0.2.11 56324 443`.
 * @param line without its CRLF
 * @throws ProxyProtocolError
 */
export function parseV1(line: string): ProxyHeader {
  const [, family, source, destination, sourcePort, destinationPort, ...more] = line.split(' ');
  if (family === 'UNKNOWN') return UNKNOWN;
  if (family !== 'TCP4' && family !== 'TCP6')
    throw new ProxyProtocolError('bad_family', `family "${family}"`);
  if (more.length > 0) throw new ProxyProtocolError('bad_length', 'more than six fields');
  return {
    ...UNKNOWN,
    addresses: {
      source: parseAddress(family, source, sourcePort),
      destination: parseAddress(family, destination, destinationPort),
    },
  };
}

function parseAddress(family: 'TCP4' | 'TCP6', address = '', port = ''): PeerAddress {
  const valid = family === 'TCP4' ? isIPv4(address) : isIPv6(address) && !address.includes('%');
  if (!valid) throw new ProxyProtocolError('bad_address', `${family} address "${address}"`);
  if (!/^(?:0|[1-9]\d{0,4})$/.test(port) || Number(port) > 65535) {
    throw new ProxyProtocolError('bad_port', `port "${port}"`);
  }
  const host = family === 'TCP4' ? address : plainAddress(canonicalIPv6(address));
  return { host, port: Number(port) };
}
