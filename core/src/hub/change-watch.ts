import { isDeepStrictEqual } from 'node:util';
import type { Listener } from '../listeners/connection.js';
import { type ListenerPlan, listenerPlans } from './door.js';
import { type GatewayConfig, zoneConfig } from './gateway-config.js';
import type { GatewayModule } from './gateway-module.js';
import { NOBODY_COMES_IN } from './gateway-runner.js';

/** What a gateway was before a change. */
interface Before {
  readonly config: GatewayConfig;
  /** Those that were open, with how many connections they had. */
  readonly listeners: ReadonlyMap<Listener, number>;
  readonly closedDoors: readonly string[];
}

/**
 * Looks at a gateway before it is changed, listeners and all.
 * @returns to be called when it has been: what its operator should know beside that it was done: what holds later only, for
 * whom it does not hold, whose connections it has ended, and where nobody can come in
 */
export function watchChange(module: GatewayModule): () => readonly string[] {
  const { config, runner } = module;
  const listeners = new Map(runner.listeners.map((listener) => [listener, listener.statistics.connections]));
  const before: Before = { config, listeners, closedDoors: runner.closedDoors };
  return () => warningsOf(module, before);
}

/**
 * Looks at the listeners of gateways before something is changed that holds for all of them.
 * @returns to be called when it has been: where nobody can come in any more
 */
export function watchDoors(modules: readonly GatewayModule[]): () => readonly string[] {
  const closedDoors = () => modules.flatMap(({ runner }) => runner.closedDoors);
  const before = closedDoors();
  return () =>
    closedDoors()
      .filter((door) => !before.includes(door))
      .map((door) => `${door}: ${NOBODY_COMES_IN}`);
}

function warningsOf(module: GatewayModule, before: Before): readonly string[] {
  const { name, config, runner } = module;
  if (!config.enable) return before.config.enable ? [] : [`${name} is not enabled: this holds when it is`];
  if (isDeepStrictEqual(config, before.config)) return [];
  const closed = runner.closedDoors.filter((door) => !before.closedDoors.includes(door));
  return [...connectionsOfBefore(module, before), ...closed.map((door) => `${door}: ${NOBODY_COMES_IN}`)];
}

/**
 * Connections by listeners that stayed open, for which something is not as it is for new ones, and those that ended because
 * something changed that their listener, or the gateway, is made with.
 */
function connectionsOfBefore({ name, config, definition, runner }: GatewayModule, before: Before): string[] {
  const former = listenerPlans(name, definition.transports, before.config);
  return runner.plans.flatMap((plan) => {
    const [listener, connections = 0] = [...before.listeners].find(([open]) => open.name === plan.name) ?? [];
    const planBefore = former.find((other) => other.name === plan.name);
    if (listener === undefined || connections === 0 || planBefore === undefined || !plan.config.enable)
      return [];
    const those = connections === 1 ? '1 connection' : `${connections} connections`;
    if (!runner.listeners.includes(listener)) return [`${plan.name}: ${those} ended by the change`];
    if (isDeepStrictEqual(settings(config, plan), settings(before.config, planBefore))) return [];
    return [`${plan.name}: the change is for new connections, not for the ${those} of before`];
  });
}

/** What connections by a listener meet, of its own keys and those of the gateway or their zone. */
function settings(section: GatewayConfig, { config }: ListenerPlan): object {
  const { enable: _enable, listeners: _listeners, zones: _zones, ...keys } = zoneConfig(section, config.zone);
  return { listener: config, keys };
}
