import type { PeerAddress, PeerCertificate } from '../../engine/client-info.js';
import { canonicalIPv6, plainAddress } from '../peer-address.js';
import { certificateFromDer, certificateFromName } from '../peer-certificate.js';
import { type ProxyHeader, ProxyProtocolError } from './header.js';

export const V2_SIGNATURE = Buffer.from('\r\n\r\n\0\r\nQUIT\n', 'latin1');

/** Signature, version and command, family and transport, length. */
export const V2_FIXED_LENGTH = 16;

/** Longest header that is read; the largest thing that can be in it is a client certificate. */
export const MAX_V2_LENGTH = 16 * 1024;

const COMMAND_LOCAL = 0;
const COMMAND_PROXY = 1;

/** What the address block of a family looks like: two addresses, then two ports. */
interface AddressBlock {
  readonly length: number;
  readonly addressLength: number;
  readonly host: (address: Buffer) => string;
}

const IPV4: AddressBlock = { length: 12, addressLength: 4, host: (address) => address.join('.') };
const IPV6: AddressBlock = { length: 36, addressLength: 16, host: formatIPv6 };

/** By family: unspecified, IPv4, IPv6, UNIX. What has no block has no addresses of ours. */
const ADDRESS_BLOCKS: readonly (AddressBlock | undefined)[] = [undefined, IPV4, IPV6, undefined];
/** Unspecified, stream, datagram. */
const TRANSPORTS = 3;

/** Types and bits of section 2.2 that are used here. */
const TYPE_AUTHORITY = 0x02;
const TYPE_SSL = 0x20;
const SUBTYPE_SSL_CN = 0x22;
const SUBTYPE_SSL_CLIENT_CERT = 0x28;
const CLIENT_CERT_CONN = 0x02;
const CLIENT_CERT_SESS = 0x04;

const LOCAL: ProxyHeader = { version: 2, addresses: undefined, authority: undefined, certificate: undefined };

/** Bytes of the whole header. @param bytes at least {@link V2_FIXED_LENGTH} of them */
export function v2Length(bytes: Buffer): number {
  return V2_FIXED_LENGTH + bytes.readUInt16BE(14);
}

/**
 * Reads a complete header of version 2.
 * @throws ProxyProtocolError
 */
export function parseV2(header: Buffer): ProxyHeader {
  const version = header.readUInt8(12) >> 4;
  const command = header.readUInt8(12) & 0x0f;
  const family = header.readUInt8(13) >> 4;
  const transport = header.readUInt8(13) & 0x0f;
  if (version !== 2) throw new ProxyProtocolError('bad_version', `version ${version}`);
  if (command === COMMAND_LOCAL) return LOCAL;
  if (command !== COMMAND_PROXY) throw new ProxyProtocolError('bad_command', `command ${command}`);
  if (family >= ADDRESS_BLOCKS.length || transport >= TRANSPORTS) {
    throw new ProxyProtocolError('bad_family', `family ${family}, transport ${transport}`);
  }
  const block = ADDRESS_BLOCKS[family];
  return block === undefined ? LOCAL : parseProxied(header.subarray(V2_FIXED_LENGTH), block);
}

function parseProxied(body: Buffer, block: AddressBlock): ProxyHeader {
  if (body.length < block.length) throw new ProxyProtocolError('bad_length', 'the addresses are cut short');
  const tlvs = readTlvs(body.subarray(block.length));
  const ssl = tlvs.get(TYPE_SSL);
  return {
    version: 2,
    addresses: { source: readAddress(body, block, 0), destination: readAddress(body, block, 1) },
    authority: tlvs.get(TYPE_AUTHORITY)?.toString('utf8'),
    certificate: ssl === undefined ? undefined : readCertificate(ssl),
  };
}

function readAddress(body: Buffer, block: AddressBlock, index: 0 | 1): PeerAddress {
  const start = index * block.addressLength;
  const host = block.host(body.subarray(start, start + block.addressLength));
  return { host, port: body.readUInt16BE(2 * block.addressLength + 2 * index) };
}

function formatIPv6(address: Buffer): string {
  return plainAddress(canonicalIPv6(address.toString('hex').replace(/(.{4})(?!$)/g, '$1:')));
}

/** Type, length and value after one another; of a type that comes twice, the last counts. */
function readTlvs(bytes: Buffer): Map<number, Buffer> {
  const tlvs = new Map<number, Buffer>();
  for (let offset = 0; offset < bytes.length; ) {
    const valueStart = offset + 3;
    const valueEnd =
      valueStart <= bytes.length ? valueStart + bytes.readUInt16BE(offset + 1) : bytes.length + 1;
    if (valueEnd > bytes.length) throw new ProxyProtocolError('bad_length', 'a TLV is cut short');
    tlvs.set(bytes.readUInt8(offset), bytes.subarray(valueStart, valueEnd));
    offset = valueEnd;
  }
  return tlvs;
}

/** Section 2.2.6: a byte of flags, the result of the verification with 0 for success, then TLVs. */
function readCertificate(ssl: Buffer): PeerCertificate | undefined {
  if (ssl.length < 5) throw new ProxyProtocolError('bad_length', 'the SSL TLV is cut short');
  const presented = (ssl.readUInt8(0) & (CLIENT_CERT_CONN | CLIENT_CERT_SESS)) !== 0;
  const verified = ssl.readUInt32BE(1) === 0;
  const tlvs = readTlvs(ssl.subarray(5));
  if (!presented || !verified) return undefined;
  const der = tlvs.get(SUBTYPE_SSL_CLIENT_CERT);
  const commonName = tlvs.get(SUBTYPE_SSL_CN)?.toString('utf8');
  const whole = der === undefined ? undefined : certificateFromDer(der);
  return whole ?? (commonName === undefined ? undefined : certificateFromName(commonName));
}
