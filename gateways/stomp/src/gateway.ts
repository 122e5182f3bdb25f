import type { StompFrame } from '@portico/codec-stomp';
import { defineGateway, LineLimit } from '@portico/core';
import { StompChannel } from './channel.js';
import { type Outgoing, StompCodec } from './codec.js';
import { type StompConfig, stompConfig, stompSessionOptions } from './config.js';
import { stompCounters } from './counters.js';
import { PLAIN, PREFIXED } from './destinations.js';
import { stompExplainer } from './explainer.js';
import type { Shared } from './shared.js';

/** A transaction may hold as many bytes as so many of the longest frames. */
const TRANSACTION_LENGTH = 8;

/** STOMP 1.0, 1.1 and 1.2 over TCP, TLS and WebSocket. */
export const stompGateway = defineGateway<StompConfig, StompFrame, Outgoing>({
  name: 'stomp',
  title: 'STOMP',
  description: 'STOMP 1.0, 1.1 and 1.2 over TCP, TLS and WebSocket',
  independentConnections: true,
  config: stompConfig,
  explainer: stompExplainer,
  transports: ['tcp', 'tls', 'ws', 'wss'],
  defaultListeners: { tcp: { default: { bind: '127.0.0.1:61613' } } },
  webSocket: { path: '/stomp', protocols: ['v10.stomp', 'v11.stomp', 'v12.stomp'], sockjs: true },
  create(context, config) {
    const shared: Shared = {
      config,
      session: stompSessionOptions(config),
      context,
      counters: stompCounters(context.metrics),
      log: new LineLimit(context.log, context.clock),
      destinations: config.destination_prefixes ? PREFIXED : PLAIN,
      transactions: {
        maxTransactions: config.max_transactions,
        maxFrames: config.max_transaction_frames,
        maxBytes:
          TRANSACTION_LENGTH * (config.max_headers * config.max_header_length + config.max_body_length),
      },
    };
    const {
      max_headers: maxHeaders,
      max_header_length: maxHeaderLength,
      max_body_length: maxBodyLength,
    } = config;
    return {
      createCodec: () => new StompCodec({ maxHeaders, maxHeaderLength, maxBodyLength }),
      createChannel: (peer) => new StompChannel(peer, shared),
    };
  },
});
