import { EchoGuard, messageCodec, RefusalLog, RequestLayer } from '@portico/coap-endpoint';
import type { CoapMessage } from '@portico/codec-coap';
import { defineGateway, type Gateway, type GatewayContext, LineLimit } from '@portico/core';
import { Lwm2mChannel } from './channel.js';
import { CommandController } from './commands/command-controller.js';
import { type Lwm2mConfig, lwm2mConfig } from './config.js';
import { lwm2mMetrics } from './counters.js';
import type { DeviceServices } from './device.js';
import type { Controller } from './device-control.js';
import { DEVICE_LISTS, deviceLists, type ObjectNames } from './device-lists.js';
import { DeviceRegistry } from './device-registry.js';
import { DeviceTopics } from './device-topics.js';
import { type EndpointSettings, endpointSettings } from './endpoint-settings.js';
import { lwm2mExplainer } from './explainer.js';
import { Firmware } from './firmware/firmware.js';
import { firmwareResource } from './firmware/firmware-resource.js';
import { Logins } from './logins.js';
import { checkObjectFolder, loadObjectModel } from './objects/load-object-model.js';
import { sendResource } from './observe/send-resource.js';
import { takeUnrequested } from './observe/unrequested.js';
import { OperatorView } from './operator-view.js';
import { SECRET_PARAMETERS } from './parameters.js';
import { Registrar } from './registrar.js';
import { locationResource, registrationResource } from './registration-resource.js';
import { Restoring } from './restoring.js';
import { Router } from './router.js';

/** A gateway that runs, with its devices as operators see them. */
export interface Lwm2mGateway extends Gateway<CoapMessage, CoapMessage> {
  readonly view: OperatorView;
}

/** The message codec, which shows no credentials. */
const codec = messageCodec(SECRET_PARAMETERS, lwm2mExplainer);

/** LwM2M 1.0, 1.1 and 1.2 over UDP and DTLS. */
export const lwm2mGateway = defineGateway<Lwm2mConfig, CoapMessage, CoapMessage>({
  name: 'lwm2m',
  title: 'LwM2M',
  description:
    'LwM2M 1.0, 1.1 and 1.2 over UDP and DTLS: registration, management and observation of devices',
  config: lwm2mConfig,
  explainer: lwm2mExplainer,
  states: ['registering', 'registered', 'asleep'],
  transports: ['udp', 'dtls'],
  defaultListeners: { udp: { default: { bind: '127.0.0.1:5783' } } },
  lists: DEVICE_LISTS,
  checkFiles: ({ xml_dir }) => checkObjectFolder(xml_dir),
  create(context, config) {
    const model = loadObjectModel(config.xml_dir, context.log);
    const names: ObjectNames = (id, version) => model.find(id, version)?.name;
    return createGateway(
      context,
      config,
      names,
      (firmware) => new CommandController(context, config, model, firmware),
    );
  },
});

/**
 * @param names of objects, for people
 * @param controllerFor makes what is done with devices beyond knowing them
 */
export function createGateway(
  context: GatewayContext,
  config: Lwm2mConfig,
  names: ObjectNames,
  controllerFor: (firmware: Firmware) => Controller,
): Lwm2mGateway {
  const firmware = new Firmware(config.firmware, context.clock, context.timers);
  const controller = controllerFor(firmware);
  const metrics = lwm2mMetrics(context.metrics);
  const registry = new DeviceRegistry(context, metrics, config.qmode_time_window);
  const logins = new Logins(context, config);
  const topics = new DeviceTopics(
    config.topics,
    metrics.counters['messages.dropped.unpublished'],
    context.log,
  );
  const devices = deviceServices(context, topics);
  const base = { context, config, metrics, registry, logins, controller, topics, devices };
  const restoring = new Restoring(base);
  const registrar = new Registrar({ ...base, restoring });
  const settings = endpointSettings(context, config, metrics);
  const channels = {
    ...settings,
    requests: requestLayer(context, config, settings, { registrar, firmware }),
    arrived: (channel: Lwm2mChannel) => restoring.arrived(channel),
    unrequested: (message: CoapMessage, channel: Lwm2mChannel) =>
      takeUnrequested(message, channel, { controller, registry, restoring }),
  };
  const view = new OperatorView(registry);
  return {
    view,
    lists: deviceLists(view, names),
    prepare: (listeners, others) => restoring.load(listeners, others),
    opened: (listener) => restoring.begin(listener),
    createCodec: () => codec,
    createChannel: (peer) => new Lwm2mChannel(peer, channels),
    stop() {
      restoring.stop();
      registry.stop();
      firmware.close();
      settings.transfers.close();
      settings.requesting.downloads.close();
    },
  };
}

function deviceServices(context: GatewayContext, topics: DeviceTopics): DeviceServices {
  return {
    now: () => context.clock.monotonic(),
    publish: (device, topic, payload) => topics.publish(device, topic, payload),
    reach({ listener, peer }) {
      const channel = context.reach(listener, peer);
      return channel instanceof Lwm2mChannel ? channel : undefined;
    },
  };
}

function requestLayer(
  context: GatewayContext,
  config: Lwm2mConfig,
  { blocks, transfers }: EndpointSettings,
  { registrar, firmware }: { readonly registrar: Registrar; readonly firmware: Firmware },
): RequestLayer<Lwm2mChannel> {
  const { uploads } = transfers;
  const resources = {
    registration: registrationResource(registrar, uploads),
    location: locationResource(registrar, uploads),
    send: sendResource(uploads),
    firmware: firmwareResource(firmware.store, blocks.maxBlockSize),
  };
  const router = new Router(resources, new LineLimit(context.log, context.clock));
  // Whoever registers, or moves, is sent requests from then on.
  const guard = config.echo ? new EchoGuard(() => true) : undefined;
  return new RequestLayer(router, blocks, new RefusalLog(context), guard);
}
