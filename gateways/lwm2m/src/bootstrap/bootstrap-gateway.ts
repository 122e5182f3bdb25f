import { EchoGuard, messageCodec, RefusalLog, RequestLayer } from '@portico/coap-endpoint';
import type { CoapMessage } from '@portico/codec-coap';
import { defineGateway, type Gateway, type GatewayContext, PskKeys } from '@portico/core';
import { Lwm2mChannel } from '../channel.js';
import type { TypeSource } from '../commands/device-profile.js';
import { endpointSettings } from '../endpoint-settings.js';
import { lwm2mExplainer } from '../explainer.js';
import { loadObjectModel } from '../objects/load-object-model.js';
import { SECRET_PARAMETERS } from '../parameters.js';
import { BootstrapClients } from './bootstrap-client.js';
import { type BootstrapConfig, bootstrapConfig } from './bootstrap-config.js';
import { bootstrapMetrics } from './bootstrap-counters.js';
import { BootstrapRouter } from './bootstrap-router.js';
import { BootstrapServer } from './bootstrap-server.js';
import { Templates } from './templates.js';

const codec = messageCodec(SECRET_PARAMETERS, lwm2mExplainer);

/** The bootstrap server of LwM2M; it has no listener unless the configuration names one. */
export const lwm2mBootstrapGateway = defineGateway<BootstrapConfig, CoapMessage, CoapMessage>({
  name: 'lwm2mbootstrap',
  title: 'LwM2M bootstrap',
  description: 'the bootstrap server of LwM2M over UDP and DTLS: tells devices where to register',
  config: bootstrapConfig,
  explainer: lwm2mExplainer,
  states: ['bootstrapping'],
  transports: ['udp', 'dtls'],
  defaultListeners: {},
  create: (context, config) => createBootstrap(context, config, loadObjectModel(undefined, context.log)),
});

/** @param types the object model */
export function createBootstrap(
  context: GatewayContext,
  config: BootstrapConfig,
  types: TypeSource,
): Gateway<CoapMessage, CoapMessage> {
  let keys: PskKeys | undefined;
  const { psk_file: pskFile, templates } = config;
  const metrics = bootstrapMetrics(context.metrics);
  const server = new BootstrapServer({
    templates: new Templates(templates, { types, keyOf: (identity) => keys?.find(identity) }),
    clients: new BootstrapClients(context, config, metrics.counters['messages.dropped.unpublished']),
    metrics,
    log: context.log,
    settings: config,
  });
  const settings = endpointSettings(context, config, metrics);
  // Whoever asks for a bootstrap is sent requests from then on.
  const guard = config.echo ? new EchoGuard(() => true) : undefined;
  const router = new BootstrapRouter(server);
  const channels = {
    ...settings,
    requests: new RequestLayer(router, settings.blocks, new RefusalLog(context), guard),
    arrived() {},
    unrequested: () => false,
    closed: (channel: Lwm2mChannel) => server.closed(channel),
  };
  return {
    async prepare() {
      if (pskFile !== undefined) keys = await PskKeys.read(pskFile, 'gateways.lwm2mbootstrap.psk_file');
    },
    createCodec: () => codec,
    createChannel: (peer) => new Lwm2mChannel(peer, channels),
    stop() {
      server.stop();
      settings.transfers.close();
      settings.requesting.downloads.close();
    },
  };
}
