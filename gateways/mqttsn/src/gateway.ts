import type { SnMessage } from '@portico/codec-mqtt-sn';
import { defineGateway } from '@portico/core';
import { advertisement } from './advertising.js';
import { SnChannel } from './channel.js';
import { ClientRecords } from './client-records.js';
import { Clients } from './clients.js';
import { snCodec } from './codec.js';
import { type SnConfig, snConfig, snSessionOptions } from './config.js';
import { Connectionless } from './connectionless.js';
import { snMetrics } from './counters.js';
import { Entrance } from './entrance.js';
import { snExplainer } from './explainer.js';
import { PredefinedTopics } from './predefined-topics.js';
import { Protocol } from './protocol.js';
import { searchAnswer } from './searching.js';
import type { Shared } from './shared.js';
import { CLIENT_STATES } from './states.js';
import { Sweeping } from './sweeping.js';

/** MQTT-SN 1.2 over UDP. */
export const mqttSnGateway = defineGateway<SnConfig, SnMessage, SnMessage>({
  name: 'mqttsn',
  title: 'MQTT-SN',
  description: 'MQTT-SN 1.2 over UDP and DTLS, for sensors that sleep',
  config: snConfig,
  explainer: snExplainer,
  states: CLIENT_STATES,
  transports: ['udp', 'dtls'],
  defaultListeners: { udp: { default: { bind: '127.0.0.1:1884' } } },
  answersMulticast: true,
  create(context, config) {
    const shared: Shared = {
      context,
      config,
      metrics: snMetrics(context.metrics),
      predefined: new PredefinedTopics(config.predefined_topics),
      session: snSessionOptions(config),
      records: new ClientRecords(context),
    };
    const clients = new Clients();
    const connectionless = new Connectionless(shared);
    const sweeping = new Sweeping(shared.records, context.timers);
    const protocol = new Protocol(shared, clients, new Entrance(shared, clients), connectionless);
    return {
      announcement: advertisement(config),
      answerMulticast: searchAnswer(config),
      createCodec: () => snCodec,
      createChannel: (peer) => new SnChannel(peer, shared, protocol, clients),
      stop: () => {
        sweeping.stop();
        clients.shutdown();
        connectionless.close('server_shutdown');
      },
    };
  },
});
