import type { CoapMessage } from '@portico/codec-coap';
import { defineGateway, LineLimit } from '@portico/core';
import { CoapChannel } from './channel.js';
import { ClientRegistry } from './clients.js';
import { coapCodec } from './codec.js';
import { type CoapConfig, coapConfig, maxNotificationPayload } from './config.js';
import { coapMetrics } from './counters.js';
import { ExchangeBudget } from './exchange-budget.js';
import type { MessageLayerSettings } from './message-layer.js';
import { mqttResource } from './mqtt-resource.js';
import { Router } from './router.js';
import { transmissionParameters } from './transmission.js';

/** CoAP (RFC 7252) with observation (RFC 7641): publish and subscribe on `/mqtt/{topic}`. */
export const coapGateway = defineGateway<CoapConfig, CoapMessage, CoapMessage>({
  name: 'coap',
  title: 'CoAP',
  config: coapConfig,
  transports: ['udp'],
  defaultListeners: { udp: { default: { bind: '127.0.0.1:5683' } } },
  create(context, config) {
    const { clock } = context;
    const metrics = coapMetrics(context.metrics);
    const layer: MessageLayerSettings = {
      clock,
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
        keepalive: config.keepalive,
        maxObservations: config.max_observations,
        maxPayload: maxNotificationPayload(config),
      },
      config,
    );
    const router = new Router(
      mqttResource(clients, config),
      config.max_payload_size,
      new LineLimit(context.log, context.clock),
      new LineLimit(context.log, context.clock),
    );
    return {
      createCodec: () => coapCodec,
      createChannel: (peer) => new CoapChannel(peer, router, layer),
      stop: () => clients.closeAll('server_shutdown'),
    };
  },
});
