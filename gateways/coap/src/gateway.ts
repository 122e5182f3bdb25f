import type { CoapMessage } from '@portico/codec-coap';
import { defineGateway, LineLimit } from '@portico/core';
import { blockSettings } from './block-settings.js';
import { CoapChannel } from './channel.js';
import { ClientRegistry } from './clients.js';
import { coapCodec } from './codec.js';
import { type CoapConfig, coapConfig, maxNotificationPayload } from './config.js';
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
import { transmissionParameters } from './transmission.js';
import { Uploads } from './uploads.js';

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
    const layer: MessageLayerSettings = {
      clock,
      timers,
      metrics,
      parameters: transmissionParameters(config),
      maxExchanges: config.max_exchanges,
      exchangeBudget: new ExchangeBudget(config.max_exchanges_total),
      maxWaiting: config.max_notify_queue,
    };
    const observation = { clock, metrics, confirmable: config.notify_type === 'con' };
    const clients = new ClientRegistry(
      {
        context,
        observation,
        life: { clock, timers, keepalive: config.keepalive },
        maxObservations: config.max_observations,
        maxPayload: maxNotificationPayload(config),
      },
      config,
    );
    const blocks = blockSettings(config, { clock, timers, metrics });
    const uploads = new Uploads(blocks);
    const topics = PsTopics.of(context);
    const resources = {
      mqtt: withConnections(clients, mqttResource(clients, uploads, config)),
      pubsub: pubsubResource({ clients, uploads, topics, clock }, config),
      discovery: discovery(config.ps_dialect !== 'emqx'),
    };
    const router = new Router(resources, new LineLimit(context.log, clock));
    const guard = config.echo ? new EchoGuard() : undefined;
    const requests = new RequestLayer(router, blocks, new RefusalLog(context), guard);
    return {
      createCodec: () => coapCodec,
      createChannel: (peer) => new CoapChannel(peer, requests, layer, uploads),
      stop() {
        clients.closeAll('server_shutdown');
        uploads.close();
        topics.close();
      },
    };
  },
});
