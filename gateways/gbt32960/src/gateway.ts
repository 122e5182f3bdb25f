import type { FrameFields } from '@portico/codec-gbt32960';
import { defineGateway, sessionOptions } from '@portico/core';
import { Gbt32960Channel } from './channel.js';
import { Gbt32960Codec, type Received } from './codec.js';
import { type Gbt32960Config, gbt32960Config } from './config.js';
import { gbt32960Counters } from './counters.js';
import { gbt32960Explainer } from './explainer.js';
import { KeyRing } from './keys/key-ring.js';
import { MessageReader } from './message-reader.js';
import type { Shared } from './shared.js';

/** GB/T 32960.3 of 2016 and 2025: electric vehicles, and platforms that forward them, over TCP and TLS. */
export const gbt32960Gateway = defineGateway<Gbt32960Config, Received, FrameFields>({
  name: 'gbt32960',
  title: 'GB/T 32960',
  description: 'GB/T 32960.3 of 2016 and 2025 over TCP and TLS, for electric vehicles',
  independentConnections: true,
  config: gbt32960Config,
  explainer: gbt32960Explainer,
  transports: ['tcp', 'tls'],
  defaultListeners: { tcp: { default: { bind: '127.0.0.1:7325' } } },
  checkFiles: (config) => void new KeyRing(config),
  create(context, config) {
    const { retry_interval: _, ...delivery } = config;
    const keys = new KeyRing(config);
    const shared: Shared = {
      config,
      session: sessionOptions(delivery, { maxQos: 1 }),
      context,
      counters: gbt32960Counters(context.metrics),
      reader: new MessageReader(config, keys, context.clock),
      retry: {
        interval: config.retry_interval,
        maxRetries: config.max_retries,
        maxQueued: config.max_queued_commands,
      },
    };
    return {
      createCodec: () => new Gbt32960Codec({ maxFrameSize: config.max_frame_size }),
      createChannel: (peer) => new Gbt32960Channel(peer, shared),
      reload: () => keys.reload(),
    };
  },
});
