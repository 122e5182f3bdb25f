import { isIP, isIPv6 } from 'node:net';

/** A multicast group to join. */
export interface MulticastGroup {
  readonly address: string;
  /** Address (IPv4) or name (IPv6) of the network interface; undefined for the system's choice. */
  readonly networkInterface: string | undefined;
}

/** Reads `224.0.1.187`, `224.0.1.187@192.0.2.1` or `ff02::fd@eth0`. */
export function parseMulticastGroup(text: string): MulticastGroup | { readonly error: string } {
  const [address = '', networkInterface, ...more] = text.split('@');
  if (!isMulticast(address) || networkInterface === '' || more.length > 0) {
    return { error: 'no multicast address, such as 224.0.1.187, 224.0.1.187@192.0.2.1 or ff02::fd@eth0' };
  }
  if (networkInterface !== undefined && !isIPv6(address) && isIP(networkInterface) !== 4) {
    return { error: `the interface of an IPv4 group is one of its addresses, not ${networkInterface}` };
  }
  return { address, networkInterface };
}

/** 224.0.0.0/4 and ff00::/8. */
function isMulticast(address: string): boolean {
  if (isIPv6(address)) return /^ff/i.test(address);
  const first = Number(address.split('.')[0]);
  return isIP(address) === 4 && first >= 224 && first < 240;
}
