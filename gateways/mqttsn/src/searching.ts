import { encode } from '@portico/codec-mqtt-sn';
import type { MulticastAnswer } from '@portico/core';
import { BufferSink, isFrameError } from '@portico/frame';
import { snCodec } from './codec.js';
import type { SnConfig } from './config.js';

/**
 * Who looks for a gateway in a multicast group, MQTT-SN 1.2 §6.1, is told at once: only clients wait before they answer
 * for a gateway. Everything else in a group is none of the gateway's business.
 */
export function searchAnswer({
  gateway_id: gwId,
}: SnConfig): (datagram: Buffer) => MulticastAnswer | undefined {
  const sink = new BufferSink();
  encode({ type: 'gwinfo', gwId, gwAdd: Buffer.alloc(0) }, sink);
  const answer = { datagram: Buffer.from(sink.take()), delay: 0 };
  return (datagram) => (isSearch(datagram) ? answer : undefined);
}

function isSearch(datagram: Buffer): boolean {
  try {
    return snCodec.decode(datagram).type === 'searchgw';
  } catch (error) {
    if (isFrameError(error)) return false;
    throw error;
  }
}
