import type { Lwm2mNode } from '@portico/codec-lwm2m';
import type { Device } from '../device.js';
import { LastValues } from '../last-values.js';
import type { AnswerReading } from './answer-content.js';
import type { Command } from './command.js';
import type { CommandServices } from './command-services.js';
import { profileOf } from './device-profile.js';

/** How the answers of a device to a command are read: values by the objects that it has, which are remembered. */
export function readingOf(
  device: Device,
  { operation, encoding }: Pick<Command, 'operation' | 'encoding'>,
  shared: CommandServices,
): AnswerReading {
  const { typeOf } = profileOf(device.registration, shared.types);
  const now = shared.clock.now();
  return { operation, encoding, typeOf, now, onValues: (nodes) => rememberValues(device, nodes, now) };
}

/** @param now milliseconds since 1970 */
export function rememberValues(device: Device, nodes: readonly Lwm2mNode[], now: number): void {
  device.values ??= new LastValues();
  for (const node of nodes) device.values.remember(node, now);
}
