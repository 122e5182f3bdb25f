import type { CoapMessage } from '@portico/codec-coap';
import { provenPeer } from '@portico/core';
import type { Lwm2mChannel } from '../channel.js';
import type { Controller } from '../device-control.js';
import type { DeviceRegistry } from '../device-registry.js';
import type { Restoring } from '../restoring.js';

/** Where the device of an unrequested response is found. */
export interface ResponseServices {
  readonly controller: Controller;
  readonly registry: DeviceRegistry;
  readonly restoring: Restoring;
}

/**
 * Takes a response that no request waits for: a notification, or an answer that is late. Its token says whose it is; the
 * device is reached from then on where that came from.
 * @param message borrowed
 * @returns false when it is of no device whose peer this is
 */
export function takeUnrequested(
  message: CoapMessage,
  channel: Lwm2mChannel,
  { controller, registry, restoring }: ResponseServices,
): boolean {
  const device = controller.observer(message.token);
  if (device === undefined || device.owner !== provenPeer(channel.info)) return false;
  restoring.attachSoon(device);
  channel.serves(device);
  if (registry.hear(device, channel)) registry.records.save(device);
  device.control?.notified(message);
  return true;
}
