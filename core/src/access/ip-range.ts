import { BlockList, isIP, isIPv4 } from 'node:net';

const IPV4_BITS = 32;
const IPV6_BITS = 128;

/** An IPv4 address as an IPv6 socket shows it, RFC 4291 §2.5.5.2. */
const MAPPED_IPV4 = /^::ffff:(?=\d+\.)/i;

/**
 * Why a text is not a range of addresses, or undefined when it is one: `10.0.0.0/8`, `192.168.1.7`,
 * `fe80::/10`, `::1`.
 */
export function ipRangeError(text: string): string | undefined {
  return split(text) === undefined
    ? `"${text}" is no IP address or range such as 10.0.0.0/8 or fe80::/10`
    : undefined;
}

/** The addresses that share a prefix, RFC 4632. */
export class IpRange {
  /** For IPv4: the network, as an unsigned number, and how many addresses it spans. */
  readonly #first: number = 0;
  readonly #span: number = 0;
  readonly #ipv6: BlockList | undefined;

  /**
   * @param text one that {@link ipRangeError} has found right
   * @throws TypeError for any other
   */
  constructor(text: string) {
    const parts = split(text);
    if (parts === undefined) throw new TypeError(ipRangeError(text));
    if (isIPv4(parts.address)) {
      this.#span = 2 ** (IPV4_BITS - parts.prefix);
      const address = ipv4Number(parts.address);
      this.#first = address - (address % this.#span);
    } else {
      this.#ipv6 = new BlockList();
      this.#ipv6.addSubnet(parts.address, parts.prefix, 'ipv6');
    }
  }

  /** False for whatever is not an IP address. IPv4 addresses mapped into IPv6 are IPv4 addresses. */
  contains(address: string): boolean {
    const plain = address.replace(MAPPED_IPV4, '');
    if (this.#ipv6 !== undefined) return isIP(plain) === 6 && this.#ipv6.check(plain, 'ipv6');
    if (!isIPv4(plain)) return false;
    const distance = ipv4Number(plain) - this.#first;
    return distance >= 0 && distance < this.#span;
  }
}

const LOOPBACK = [new IpRange('127.0.0.0/8'), new IpRange('::1')];

/** Whether only this machine can reach a listener that is bound to the address. */
export function isLoopbackAddress(address: string): boolean {
  if (address === '127.0.0.1' || address === '::1') return true;
  return LOOPBACK.some((range) => range.contains(address));
}

function split(text: string): { address: string; prefix: number } | undefined {
  const [address, prefixText, ...rest] = text.split('/');
  const family = isIP(address as string);
  if (family === 0 || rest.length > 0) return undefined;
  const bits = family === 4 ? IPV4_BITS : IPV6_BITS;
  if (prefixText === undefined) return { address: address as string, prefix: bits };
  if (!/^\d{1,3}$/.test(prefixText) || Number(prefixText) > bits) return undefined;
  return { address: address as string, prefix: Number(prefixText) };
}

function ipv4Number(address: string): number {
  let number = 0;
  for (const part of address.split('.')) number = number * 256 + Number(part);
  return number;
}
