import type { Frame } from '@portico/codec-tcp';
import { defineGateway, sessionOptions } from '@portico/core';
import { TcpChannel, type TcpSettings } from './channel.js';
import { TcpCodec } from './codec.js';
import { type TcpConfig, tcpConfig } from './config.js';
import { tcpExplainer } from './explainer.js';

/** The private TCP protocol v1 of EMQX Enterprise: an application's own data over a TCP connection. */
export const tcpGateway = defineGateway<TcpConfig, Frame, Frame>({
  name: 'tcp',
  title: 'TCP',
  description: 'the private TCP protocol v1 of EMQX Enterprise over TCP and TLS',
  independentConnections: true,
  config: tcpConfig,
  explainer: tcpExplainer,
  transports: ['tcp', 'tls'],
  defaultListeners: { tcp: { default: { bind: '127.0.0.1:8090' } } },
  create(context, config) {
    const settings: TcpSettings = { config, session: sessionOptions(config, { maxQos: 1 }) };
    return {
      createCodec: () => new TcpCodec({ maxFrameSize: config.max_frame_size }),
      createChannel: (peer) => new TcpChannel(peer, context, settings),
    };
  },
});
