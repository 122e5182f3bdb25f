import { isIPv4, SocketAddress } from 'node:net';

const IPV4_MAPPED = '::ffff:';

/**
 * The form of an address in which equal addresses are equal texts: an IPv4-mapped IPv6 address (as a
 * dual-stack socket reports IPv4 peers) becomes IPv4, a zone (`%eth0`) is cut off.
 */
export function plainAddress(address: string): string {
  const zone = address.indexOf('%');
  const text = zone < 0 ? address : address.slice(0, zone);
  if (!text.startsWith(IPV4_MAPPED)) return text;
  const embedded = text.slice(IPV4_MAPPED.length);
  return isIPv4(embedded) ? embedded : text;
}

/** The short form of an IPv6 address, RFC 5952. @param address a valid one, without zone */
export function canonicalIPv6(address: string): string {
  return new SocketAddress({ address, family: 'ipv6' }).address;
}
