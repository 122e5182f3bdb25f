import type { TextCodec } from '@portico/codec-jt808';
import type { GatewayContext, LineLimit, SessionOptions } from '@portico/core';
import type { Admission } from './admission.js';
import type { Jt808Config } from './config.js';
import type { Jt808Counters } from './counters.js';
import type { Encryption } from './encryption.js';

/** What all channels of the gateway share. */
export interface Shared {
  readonly config: Jt808Config;
  readonly session: SessionOptions;
  readonly context: GatewayContext;
  readonly counters: Jt808Counters;
  /** Of what terminals may do as often as they like. */
  readonly log: LineLimit;
  /** How text stands in messages. */
  readonly text: TextCodec;
  readonly encryption: Encryption;
  readonly admission: Admission;
}
