import type { CoapMessage } from '@portico/codec-coap';
import { defineGateway, LineLimit } from '@portico/core';
import { blockSettings } from './block-settings.js';
import { CoapChannel } from './channel.js';
import { ClientRegistry } from './clients.js';
import { coapCodec } from './codec.js';
import { type CoapConfig, coapConfig } from './config.js';
import { withConnections } from './connection-resource.js';
import { coapMetrics } from './counters.js';
import { discovery } from './discovery.js';
import { EchoGuard } from './echo-guard.js';
import { ExchangeBudget } from './exchange-budget.js';
import { checkListener } from './listener-check.js';
import type { MessageLayerSettings } from './message-layer.js';
import { mqttResource } from './mqtt-resource.js';
import { pubsubResource } from './ps/pubsub.js';
import { PsTopics } from './ps/topics.js';
import { RefusalLog } from './refusal-log.js';
import { RequestLayer } from './request-layer.js';
import { Router } from './router.js';
import { Transfers } from './transfers.js';
import { transmissionParameters } from './transmission.js';

/** CoAP (RFC 7252) with observation (RFC 7641): publish and subscribe on `/mqtt/{topic}`. */
export const coapGateway = defineGateway<CoapConfig, CoapMessage, CoapMessage>({
  name: 'coap',
  title: 'CoAP',
  config: coapConfig,
  transports: ['udp', 'dtls'],
  defaultListeners: { udp: { default: { bind: '127.0.0.1:5683' } } },
  checkListener,
  create(context, config) {
    const { clock, timers } = context;
    const metrics = coapMetrics(context.metrics);
    const parameters = transmissionParameters(config);
    const layer: MessageLayerSettings = {
      clock,
      timers,
      metrics,
      parameters,
      maxExchanges: config.max_exchanges,
      exchangeBudget: new ExchangeBudget(config.max_exchanges_total),
      maxWaiting: config.max_notify_queue,
    };
    const blocks = blockSettings(config, { clock, timers, metrics });
    const transfers = new Transfers(blocks);
    const observation = {
      clock,
      timers,
      metrics,
      confirmable: config.notify_type === 'con',
      bodies: transfers.bodies,
      patience: parameters.fetchPatience,
      maxWaiting: config.max_notify_queue,
    };
    const clients = new ClientRegistry(
      {
        context,
        observation,
        life: { clock, timers, keepalive: config.keepalive },
        maxObservations: config.max_observations,
        maxPayload: config.max_payload_size,
      },
      config,
    );
    const topics = PsTopics.of(context);
    const resources = {
      mqtt: withConnections(clients, mqttResource(clients, transfers, config)),
      pubsub: pubsubResource({ clients, transfers, topics, clock }, config),
      discovery: discovery(config.ps_dialect !== 'emqx'),
    };
    const router = new Router(resources, new LineLimit(context.log, clock));
    const guard = config.echo ? new EchoGuard() : undefined;
    const requests = new RequestLayer(router, blocks, new RefusalLog(context), guard);
    return {
      createCodec: () => coapCodec,
      createChannel: (peer) => new CoapChannel(peer, requests, layer, transfers),
      stop() {
        clients.closeAll('server_shutdown');
        transfers.close();
        topics.close();
      },
    };
  },
});
