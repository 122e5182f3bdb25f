import { GBK, UTF8 } from '@portico/codec-jt808';
import { defineGateway, LineLimit } from '@portico/core';
import { Admission } from './admission.js';
import { Jt808Channel } from './channel.js';
import { datagramCodec, type Incoming, Jt808Codec, type Outgoing } from './codec.js';
import { type Jt808Config, jt808Config, jt808SessionOptions } from './config.js';
import { jt808Counters } from './counters.js';
import { Encryption } from './encryption.js';
import { jt808Explainer } from './explainer.js';
import { Registrations } from './registrations.js';
import type { Shared } from './shared.js';

/** Terminals of commercial vehicles: JT/T 808 of 2011, 2013 and 2019. */
export const jt808Gateway = defineGateway<Jt808Config, Incoming, Outgoing>({
  name: 'jt808',
  title: 'JT/T 808',
  description: 'JT/T 808 of 2011, 2013 and 2019 over TCP, TLS and UDP, for vehicle terminals',
  config: jt808Config,
  explainer: jt808Explainer,
  transports: ['tcp', 'tls', 'udp'],
  defaultListeners: { tcp: { default: { bind: '127.0.0.1:6207' } } },
  checkFiles: ({ encryption }) => void new Encryption(encryption),
  create(context, config) {
    const counters = jt808Counters(context.metrics);
    const registrations = new Registrations(context.storage, config.max_terminals);
    const log = new LineLimit(context.log, context.clock);
    const encryption = new Encryption(config.encryption);
    const text = config.string_encoding === 'gbk' ? GBK : UTF8;
    const shared: Shared = {
      config,
      session: jt808SessionOptions(config),
      context,
      counters,
      log,
      text,
      encryption,
      admission: new Admission(config, registrations, counters, log, text),
    };
    const datagrams = datagramCodec(config.max_frame_size);
    return {
      createCodec: ({ transport }) =>
        transport === 'udp' ? datagrams : new Jt808Codec({ maxFrameSize: config.max_frame_size }),
      createChannel: (peer) => new Jt808Channel(peer, shared),
      prepare: () => registrations.prepare(),
      reload: () => encryption.reload(),
    };
  },
});
