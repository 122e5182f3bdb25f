import { isDeepStrictEqual } from 'node:util';
import type { ClientPolicy } from '../access/client-policy.js';
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
 * whom it does not hold, whose connections it has ended, which listeners it has taken away, and where nobody can come in
 */
export function watchChange(module: GatewayModule): () => readonly string[] {
  const { config, runner } = module;
  const listeners = new Map(runner.listeners.map((listener) => [listener, listener.statistics.connections]));
  const before: Before = { config, listeners, closedDoors: runner.closedDoors };
  return () => warningsOf(module, before);
}

/** See `Modules`. */
interface ModulesInUse {
  list(): readonly GatewayModule[];
  runningAt(path: readonly string[]): unknown;
}

/** Keys of `access` that tell who somebody is: asked when a client comes in, and not again. */
const SOURCES = ['users', 'scram', 'psk_file'];

/** How clients come in, by whatever listener. */
interface Doors {
  readonly closed: readonly string[];
  readonly sources: readonly unknown[];
  readonly open: readonly { readonly listener: Listener; readonly policy: ClientPolicy }[];
}

/**
 * Looks at the listeners of gateways before something is changed that may hold for all of them.
 * @returns to be called when it has been: whom it does not hold for, and where nobody can come in any more
 */
export function watchDoors(modules: ModulesInUse): () => readonly string[] {
  const before = doorsOf(modules);
  const connections = new Map(before.open.map(({ listener }) => [listener, listener.statistics.connections]));
  return () => {
    const after = doorsOf(modules);
    const isSame = isDeepStrictEqual(before.sources, after.sources);
    const stayed = after.open.flatMap(({ listener, policy }) => {
      const those = connections.get(listener) ?? 0;
      const former = before.open.find((door) => door.listener === listener);
      const holds = isSame && isDeepStrictEqual(policy, former?.policy);
      return those === 0 || holds ? [] : [`${listener.name}: ${forNewOnes(those)}`];
    });
    const closed = after.closed.filter((door) => !before.closed.includes(door));
    return [...stayed, ...closed.map((door) => `${door}: ${NOBODY_COMES_IN}`)];
  };
}

function doorsOf(modules: ModulesInUse): Doors {
  const runners = modules.list().map(({ runner }) => runner);
  return {
    closed: runners.flatMap(({ closedDoors }) => closedDoors),
    sources: SOURCES.map((key) => modules.runningAt(['access', key])),
    open: runners.flatMap(({ policies }) => policies),
  };
}

function forNewOnes(connections: number): string {
  return `the change is for new connections, not for the ${numberOf(connections)} of before`;
}

function numberOf(connections: number): string {
  return connections === 1 ? '1 connection' : `${connections} connections`;
}

function warningsOf(module: GatewayModule, before: Before): readonly string[] {
  const { name, config, runner } = module;
  if (!config.enable) return before.config.enable ? [] : [`${name} is not enabled: this holds when it is`];
  if (isDeepStrictEqual(config, before.config)) return [];
  const closed = runner.closedDoors.filter((door) => !before.closedDoors.includes(door));
  return [
    ...plansOfBefore(module, before)
      .filter((plan) => runner.plans.every((other) => other.name !== plan.name))
      .map((plan) => `${plan.name}: the listener is no longer there`),
    ...connectionsOfBefore(module, before),
    ...closed.map((door) => `${door}: ${NOBODY_COMES_IN}`),
  ];
}

function plansOfBefore({ name, definition }: GatewayModule, before: Before): ListenerPlan[] {
  return listenerPlans(name, definition.transports, before.config);
}

/**
 * Connections by listeners that stayed open, for which something is not as it is for new ones, and those that ended because
 * something changed that their listener, or the gateway, is made with.
 */
function connectionsOfBefore(module: GatewayModule, before: Before): string[] {
  const { config, runner } = module;
  const former = plansOfBefore(module, before);
  return runner.plans.flatMap((plan) => {
    const [listener, connections = 0] = [...before.listeners].find(([open]) => open.name === plan.name) ?? [];
    const planBefore = former.find((other) => other.name === plan.name);
    if (listener === undefined || connections === 0 || planBefore === undefined || !plan.config.enable)
      return [];
    if (!runner.listeners.includes(listener))
      return [`${plan.name}: ${numberOf(connections)} ended by the change`];
    if (isDeepStrictEqual(settings(config, plan), settings(before.config, planBefore))) return [];
    return [`${plan.name}: ${forNewOnes(connections)}`];
  });
}

/** What connections by a listener meet, of its own keys and those of the gateway or their zone. */
function settings(section: GatewayConfig, { config }: ListenerPlan): object {
  const { enable: _enable, listeners: _listeners, zones: _zones, ...keys } = zoneConfig(section, config.zone);
  return { listener: config, keys };
}
