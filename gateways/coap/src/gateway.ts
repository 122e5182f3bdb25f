import { type CoapMessage, Method } from '@portico/codec-coap';
import { defineGateway, type GatewayContext, LineLimit } from '@portico/core';
import { blockSettings } from './block-settings.js';
import { CoapChannel } from './channel.js';
import type { ClientSettings } from './client.js';
import { ClientRegistry } from './clients.js';
import { coapCodec } from './codec.js';
import { type CoapConfig, coapConfig } from './config.js';
import { withConnections } from './connection-resource.js';
import { type CoapMetrics, coapMetrics } from './counters.js';
import { discovery } from './discovery.js';
import { EchoGuard } from './echo-guard.js';
import { ExchangeBudget } from './exchange-budget.js';
import { checkListener } from './listener-check.js';
import type { MessageLayerSettings } from './message-layer.js';
import { mqttResource } from './mqtt-resource.js';
import { MulticastRequests } from './multicast-requests.js';
import { pubsubResource } from './ps/pubsub.js';
import { PsTopics } from './ps/topics.js';
import { RefusalLog } from './refusal-log.js';
import { RequestLayer } from './request-layer.js';
import { byMethod } from './resource.js';
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
  answersMulticast: true,
  create(context, config) {
    const { clock, timers } = context;
    const metrics = coapMetrics(context.metrics);
    const layer = messageLayerSettings(context, config, metrics);
    const blocks = blockSettings(config, { clock, timers, metrics });
    const transfers = new Transfers(blocks);
    const clients = new ClientRegistry(clientSettings(context, config, metrics, transfers), config);
    const topics = PsTopics.of(context);
    const list = discovery(config.ps_dialect !== 'emqx');
    const resources = {
      mqtt: withConnections(clients, mqttResource(clients, transfers, config)),
      pubsub: pubsubResource({ clients, transfers, topics, clock }, config),
      discovery: byMethod({ [Method.GET]: list }),
    };
    const router = new Router(resources, new LineLimit(context.log, clock));
    const guard = config.echo ? new EchoGuard() : undefined;
    const requests = new RequestLayer(router, blocks, new RefusalLog(context), guard);
    const multicast = new MulticastRequests(list);
    return {
      answerMulticast: (datagram) => multicast.answer(datagram),
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

function messageLayerSettings(
  { clock, timers }: GatewayContext,
  config: CoapConfig,
  metrics: CoapMetrics,
): MessageLayerSettings {
  return {
    clock,
    timers,
    metrics,
    parameters: transmissionParameters(config),
    maxExchanges: config.max_exchanges,
    exchangeBudget: new ExchangeBudget(config.max_exchanges_total),
    maxWaiting: config.max_notify_queue,
  };
}

function clientSettings(
  context: GatewayContext,
  config: CoapConfig,
  metrics: CoapMetrics,
  { bodies }: Transfers,
): ClientSettings {
  const { clock, timers } = context;
  const { fetchPatience: patience } = transmissionParameters(config);
  const confirmable = config.notify_type === 'con';
  const maxWaiting = config.max_notify_queue;
  return {
    context,
    observation: {
      clock,
      timers,
      metrics,
      bodies,
      confirmable,
      provenOnly: config.echo,
      patience,
      maxWaiting,
    },
    life: { clock, timers, keepalive: config.keepalive },
    maxObservations: config.max_observations,
    maxPayload: config.max_payload_size,
  };
}
