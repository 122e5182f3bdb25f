import { checkExplained, isFrameError } from '@portico/frame';
import { MqttDecoder } from './decoder.js';
import { describe } from './describe.js';
import { encodeToBuffer } from './encoder.js';
import { explain } from './explain.js';
import type { ProtocolVersion, ReceivedPacket } from './packet.js';

const VERSIONS: readonly ProtocolVersion[] = [3, 4, 5];
const MAX_PACKET_SIZE = 4096;

/**
 * The fuzz target: decodes `bytes` in every version, in chunks whose sizes come from the bytes themselves.
 * @throws Error when anything but a FrameError comes out, more is buffered than may be, or a decoded packet
 *   does not come back the same from the bytes that it is encoded to
 */
export function fuzz(bytes: Buffer): void {
  for (const version of VERSIONS) {
    checkExplained(explain(bytes, { version }));
    try {
      decodeStream(bytes, version);
    } catch (error) {
      if (!isFrameError(error)) throw error;
    }
  }
}

function decodeStream(bytes: Buffer, version: ProtocolVersion): void {
  const decoder = new MqttDecoder({ maxPacketSize: MAX_PACKET_SIZE, version });
  let at = 0;
  while (at < bytes.length) {
    const size = 1 + ((bytes[at] as number) & 0x3f);
    decoder.push(bytes.subarray(at, at + size));
    at += size;
    for (let packet = decoder.next(); packet !== undefined; packet = decoder.next()) {
      checkRoundTrip(packet, decoder.version);
    }
    if (decoder.buffered > MAX_PACKET_SIZE) throw new Error(`${decoder.buffered} bytes buffered`);
  }
}

function checkRoundTrip(packet: ReceivedPacket, version: ProtocolVersion): void {
  const encoded = encodeToBuffer(packet, version);
  const decoder = new MqttDecoder({ maxPacketSize: 2 * MAX_PACKET_SIZE, version });
  decoder.push(encoded);
  const again = decoder.next();
  if (again === undefined || describe(again) !== describe(packet)) {
    throw new Error(`${describe(packet)} came back as ${again && describe(again)}`);
  }
  if (!encodeToBuffer(again, version).equals(encoded))
    throw new Error(`${describe(packet)} came back otherwise`);
}
