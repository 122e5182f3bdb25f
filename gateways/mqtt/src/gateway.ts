import type { ReceivedPacket } from '@portico/codec-mqtt';
import { defineGateway } from '@portico/core';
import { MqttChannel } from './channel.js';
import { MqttCodec, type OutgoingFrame } from './codec.js';
import { type MqttConfig, mqttConfig, mqttSessionOptions } from './config.js';
import { PacketCounters } from './counters.js';
import { DeliveryFrame } from './delivery-frame.js';
import { mqttExplainer } from './explainer.js';
import type { Shared } from './shared.js';

/** MQTT 3.1, 3.1.1 and 5.0 over TCP, TLS and WebSocket. */
export const mqttGateway = defineGateway<MqttConfig, ReceivedPacket, OutgoingFrame>({
  name: 'mqtt',
  title: 'MQTT',
  description: 'MQTT 3.1, 3.1.1 and 5.0 over TCP, TLS and WebSocket',
  independentConnections: true,
  config: mqttConfig,
  explainer: mqttExplainer,
  transports: ['tcp', 'tls', 'ws', 'wss'],
  defaultListeners: {
    tcp: { default: { bind: '127.0.0.1:1883' } },
    ws: { default: { bind: '127.0.0.1:8083' } },
  },
  webSocket: {
    path: '/mqtt',
    protocols: ['mqtt', 'mqtt-v3', 'mqtt-v3.1.1', 'mqtt-v5', 'mqttv3.1', 'mqttv3.1.1'],
  },
  create(context, config) {
    const session = mqttSessionOptions(config);
    const shared: Shared = {
      config,
      session,
      sessionBefore5: { ...session, maxAwaitingRel: 0 },
      context,
      counters: new PacketCounters(context.metrics),
      delivery: new DeliveryFrame(),
    };
    const codecOptions = {
      maxPacketSize: config.max_packet_size,
      strictText: config.strict_mode,
      fromClient: true,
    };
    return {
      createCodec: () => new MqttCodec(codecOptions),
      createChannel: (peer) => new MqttChannel(peer, shared),
    };
  },
});
