import { MqttDecoder, type MqttDecoderOptions } from '../decoder.js';
import type { ProtocolVersion, ReceivedPacket } from '../packet.js';

/**
 * Decodes a stream that arrives in the given chunks, each in memory that is overwritten as soon as `next` has
 * returned undefined, as a socket's read buffer is.
 * @param take what to keep of a packet while its bytes are there
 */
export function decodeChunks<Taken>(
  chunks: readonly Buffer[],
  options: Partial<MqttDecoderOptions> & { version: ProtocolVersion },
  take: (packet: ReceivedPacket) => Taken,
): Taken[] {
  const decoder = new MqttDecoder({ maxPacketSize: 1024 * 1024, ...options });
  const taken: Taken[] = [];
  for (const chunk of chunks) {
    const borrowed = Buffer.from(chunk);
    decoder.push(borrowed);
    for (let packet = decoder.next(); packet !== undefined; packet = decoder.next()) taken.push(take(packet));
    borrowed.fill(0xee);
  }
  return taken;
}

/** Cuts bytes at the given places, in any order and number. */
export function cut(bytes: Buffer, places: readonly number[]): Buffer[] {
  const ends = [...new Set(places.map((place) => place % (bytes.length + 1)))].sort((a, b) => a - b);
  const starts = [0, ...ends];
  return [...ends, bytes.length].map((end, i) => bytes.subarray(starts[i], end));
}
