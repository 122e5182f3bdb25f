import {
  blockSettings,
  byMethod,
  type DiscoveryLink,
  discovery,
  EchoGuard,
  ExchangeBudget,
  MulticastRequests,
  REGISTER,
  RefusalLog,
  RequestLayer,
  transmissionParameters,
} from '@portico/coap-endpoint';
import { type CoapMessage, Method } from '@portico/codec-coap';
import { defineGateway, type GatewayContext, LineLimit } from '@portico/core';
import { type ChannelSettings, CoapChannel } from './channel.js';
import type { ClientSettings } from './client.js';
import { ClientRegistry } from './clients.js';
import { coapCodec } from './codec.js';
import { type CoapConfig, coapConfig } from './config.js';
import { withConnections } from './connection-resource.js';
import { type CoapMetrics, coapMetrics } from './counters.js';
import { coapExplainer } from './explainer.js';
import { checkListener } from './listener-check.js';
import { mqttResource } from './mqtt-resource.js';
import { pubsubResource } from './ps/pubsub.js';
import { PsTopics } from './ps/topics.js';
import { Router } from './router.js';
import { TopicTransfers } from './topic-transfers.js';

/** CoAP (RFC 7252) with observation (RFC 7641): publish and subscribe on `/mqtt/{topic}`. */
export const coapGateway = defineGateway<CoapConfig, CoapMessage, CoapMessage>({
  name: 'coap',
  title: 'CoAP',
  description: 'CoAP (RFC 7252) over UDP and DTLS: publish, read and observe topics',
  config: coapConfig,
  explainer: coapExplainer,
  transports: ['udp', 'dtls'],
  defaultListeners: { udp: { default: { bind: '127.0.0.1:5683' } } },
  checkListener,
  answersMulticast: true,
  create(context, config) {
    const { clock, timers } = context;
    const metrics = coapMetrics(context.metrics);
    const layer = channelSettings(context, config, metrics);
    const blocks = blockSettings(config, { clock, timers, counters: metrics.endpoint });
    const transfers = new TopicTransfers(blocks);
    const clients = new ClientRegistry(clientSettings(context, config, metrics, transfers), config);
    const topics = PsTopics.of(context);
    const list = discovery(linksOf(config));
    const resources = {
      mqtt: withConnections(clients, mqttResource(clients, transfers, config)),
      pubsub: pubsubResource({ clients, transfers, topics, clock }, config),
      discovery: byMethod({ [Method.GET]: list }),
    };
    const router = new Router(resources, new LineLimit(context.log, clock));
    const guard = config.echo ? new EchoGuard(({ observe }) => observe === REGISTER) : undefined;
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

/** What `/.well-known/core` lists. */
function linksOf({ ps_dialect }: CoapConfig): DiscoveryLink[] {
  return [
    { path: '/mqtt', resourceTypes: [] },
    { path: '/ps', resourceTypes: ps_dialect === 'emqx' ? [] : ['core.ps', 'core.ps.coll'] },
  ];
}

function channelSettings(
  { clock, timers }: GatewayContext,
  config: CoapConfig,
  metrics: CoapMetrics,
): ChannelSettings {
  return {
    clock,
    timers,
    counters: metrics.endpoint,
    parameters: transmissionParameters(config),
    maxExchanges: config.max_exchanges,
    exchangeBudget: new ExchangeBudget(config.max_exchanges_total),
    maxWaiting: config.max_notify_queue,
    probingRate: config.probing_rate,
    provenOnly: config.echo,
  };
}

function clientSettings(
  context: GatewayContext,
  config: CoapConfig,
  metrics: CoapMetrics,
  { bodies }: TopicTransfers,
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
      patience,
      maxWaiting,
    },
    life: { clock, timers, keepalive: config.keepalive },
    maxObservations: config.max_observations,
    maxPayload: config.max_payload_size,
  };
}
