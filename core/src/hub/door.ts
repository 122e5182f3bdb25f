import type { Entrance } from '../access/client-policy.js';
import type { TransportType } from '../engine/client-info.js';
import type { Gateway } from '../gateway/contract.js';
import type { Link } from '../gateway/link.js';
import type { Listener } from '../listeners/connection.js';
import type { ListenerConfig } from '../listeners/listener-config.js';
import type { RateSettings } from '../listeners/rate-config.js';
import type { Timer } from '../runtime/timers.js';
import type { GatewayConfig } from './gateway-config.js';

export type AnyGateway = Gateway<unknown, unknown>;
export type AnyLink = Link<unknown, unknown>;

/** A listener as the configuration has it. */
export interface ListenerPlan {
  /** Full name: `mqtt:tcp:default`. */
  readonly name: string;
  /** Path of its section of the configuration. */
  readonly key: string;
  readonly transport: TransportType;
  readonly config: ListenerConfig;
}

/** What a gateway's section says about new connections by a listener. */
export interface DoorSettings {
  entrance: Entrance;
  rates: RateSettings;
}

/** A listener that opens, is open, or closes: where clients come in. What new connections meet changes while it is there. */
export interface Door extends DoorSettings {
  readonly listener: Listener;
  readonly transport: TransportType;
  config: ListenerConfig;
  /** Whom new connections are for. */
  gateway: AnyGateway;
  open: boolean;
  /** That came by it and are there. */
  connections: number;
  /** Makes its gateway known again and again. */
  announcing: Timer | undefined;
  /** Called when it closes and the last connection is gone. */
  onEmpty: (() => void) | undefined;
}

/** The listeners of a gateway as its section has them, those included that are not to be opened. */
export function listenerPlans(
  name: string,
  transports: readonly TransportType[],
  { listeners }: GatewayConfig,
): ListenerPlan[] {
  return transports.flatMap((transport) =>
    Object.entries(listeners[transport] ?? {}).map(([id, config]) => ({
      name: `${name}:${transport}:${id}`,
      key: `gateways.${name}.listeners.${transport}.${id}`,
      transport,
      config,
    })),
  );
}
