import { decode, describe, encode, type SnMessage } from '@portico/codec-mqtt-sn';
import type { DatagramCodec } from '@portico/core';
import { snExplainer } from './explainer.js';

/** The message codec as the hub uses it: without state, so one does for all peers. */
export const snCodec: DatagramCodec<SnMessage, SnMessage> = {
  kind: 'datagram',
  decode,
  encode,
  describe,
  explain: (bytes) => snExplainer.explain(bytes, {}),
};
