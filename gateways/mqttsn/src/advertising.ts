import { encode } from '@portico/codec-mqtt-sn';
import type { Announcement } from '@portico/core';
import { BufferSink } from '@portico/frame';
import { parseAddress, type SnConfig } from './config.js';

/** ADVERTISE, MQTT-SN 1.2 §6.1; undefined when the configuration names nobody to send it to. */
export function advertisement(config: SnConfig): Announcement | undefined {
  const to = parseAddress(config.advertise_address);
  if (to === undefined) return undefined;
  const interval = config.advertise_interval;
  const sink = new BufferSink();
  encode({ type: 'advertise', gwId: config.gateway_id, duration: Math.ceil(interval / 1000) }, sink);
  return { datagram: Buffer.from(sink.take()), to, interval };
}
