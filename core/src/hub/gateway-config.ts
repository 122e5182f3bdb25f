import { z } from 'zod';
import { ownPolicyShape, type PolicySettings } from '../access/client-policy.js';
import { isWithin, type KeyPath } from '../config/key-path.js';
import { nearest } from '../config/nearest.js';
import type { GatewayDefinition, ListenerFault } from '../gateway/contract.js';
import {
  IDENTIFIER,
  type ListenerConfig,
  type ListenersConfig,
  listenersConfigSchema,
} from '../listeners/listener-config.js';
import { ownRateShape, type RateSettings } from '../listeners/rate-config.js';

type Check = z.core.$ZodCheck<unknown>;

/** Keys of a gateway, those that it shares with all others and its own, by name. */
type Keys = Readonly<Record<string, unknown>>;

/** What holds for the clients of a gateway or a zone, in place of something else or for lack of it. */
interface ClientSettings extends PolicySettings, RateSettings {}

/** The section of a gateway in the configuration, checked: the keys that all have, and its own. */
export interface GatewayConfig extends ClientSettings, Keys {
  readonly enable: boolean;
  readonly listeners: ListenersConfig;
  /** By zone: the keys in which the clients of the zone's listeners differ from the others. */
  readonly zones?: Readonly<Record<string, ClientSettings & Keys>> | undefined;
}

/** The section as it holds for the clients of a zone: the zone's keys take the place of the gateway's. */
export function zoneConfig(config: GatewayConfig, zone: string | undefined): GatewayConfig {
  return zone === undefined ? config : { ...config, ...config.zones?.[zone] };
}

/** Schema of the section `gateways.<name>`. */
export function gatewayConfigSchema(definition: GatewayDefinition): z.ZodType<GatewayConfig> {
  const { title, config, transports, defaultListeners, webSocket } = definition;
  if (!(config instanceof z.ZodObject)) throw new TypeError(`${title}: the configuration must be an object`);
  const keys: z.ZodRawShape = { ...config.shape, ...ownRateShape, ...ownPolicyShape };
  const rules = z.any().check(...((config.def.checks ?? []) as Check[]));
  return z
    .strictObject({
      enable: z.boolean().default(true).describe('whether the gateway is started'),
      listeners: listenersConfigSchema(transports, defaultListeners, webSocket),
      zones: zonesSchema(keys),
      ...keys,
    })
    .superRefine((section, context) => {
      const checked = section as GatewayConfig;
      checkZoneNames(checked, context);
      // What goes together with a value that has been refused cannot be said.
      if (context.issues.some(({ path = [] }) => path[0] !== 'listeners')) return;
      checkRules(rules, checked, context);
      checkListeners(definition, checked, context);
    })
    .prefault({ listeners: undefined })
    .describe(`the ${title} gateway`) as z.ZodType<GatewayConfig>;
}

/** Schema of `zones`: any of the keys, none of them with a default of its own. */
function zonesSchema(keys: z.ZodRawShape) {
  const optional = Object.entries(keys).map(([key, schema]) => [key, withoutDefault(schema as z.ZodType)]);
  return z
    .record(IDENTIFIER, z.strictObject(Object.fromEntries(optional)))
    .optional()
    .meta({ title: 'section for each zone, with any of these keys' })
    .describe(
      "settings for the clients of some listeners: a zone's keys take the place of the gateway's for the listeners that name the zone",
    );
}

/** The same key, which nobody has to give and which is undefined when nobody does. */
function withoutDefault(schema: z.ZodType): z.ZodType {
  return bare(schema)
    .optional()
    .describe(schema.description ?? '');
}

function bare(schema: z.ZodType): z.ZodType {
  if (!(schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault)) return schema;
  const { innerType, checks = [] } = schema.def;
  return bare(innerType as z.ZodType).check(...(checks as Check[]));
}

/** A listener with its place in the section. */
interface PlacedListener {
  readonly path: readonly string[];
  readonly listener: ListenerConfig;
}

function* placedListeners({ listeners }: GatewayConfig): Generator<PlacedListener> {
  for (const [type, byId] of Object.entries(listeners)) {
    for (const [id, listener] of Object.entries(byId ?? {}))
      yield { path: ['listeners', type, id], listener };
  }
}

/** The gateway's own rules hold in each zone. */
function checkRules(rules: z.ZodType, section: GatewayConfig, context: z.RefinementCtx): void {
  for (const zone of [undefined, ...Object.keys(section.zones ?? {})]) {
    const issues = rules.safeParse(zoneConfig(section, zone)).error?.issues ?? [];
    const place = zone === undefined ? [] : ['zones', zone];
    for (const issue of issues) context.addIssue({ ...issue, path: [...place, ...issue.path] });
  }
}

/** A listener can only be in a zone that there is. */
function checkZoneNames(section: GatewayConfig, context: z.RefinementCtx): void {
  const names = Object.keys(section.zones ?? {});
  for (const { path, listener } of placedListeners(section)) {
    const { zone } = listener;
    if (zone === undefined || names.includes(zone)) continue;
    const message = noSuchZone(zone, names);
    context.addIssue({ code: 'custom', path: [...path, 'zone'], message, input: zone });
  }
}

/** A listener has to go together with its gateway, see {@link GatewayDefinition.checkListener}. */
function checkListeners(
  definition: GatewayDefinition,
  section: GatewayConfig,
  context: z.RefinementCtx,
): void {
  const refused = context.issues.map(({ path = [] }) => path as KeyPath);
  for (const { path, listener } of placedListeners(section)) {
    if (!listener.enable || refused.some((place) => isWithin(place, path))) continue;
    const fault =
      multicastFault(definition, listener) ??
      definition.checkListener?.(zoneConfig(section, listener.zone), listener);
    if (fault === undefined) continue;
    context.addIssue({ code: 'custom', path: [...path, fault.key], message: fault.reason });
  }
}

/** Only some gateways have something to say to a multicast group. */
function multicastFault(
  { title, answersMulticast }: GatewayDefinition,
  listener: ListenerConfig,
): ListenerFault | undefined {
  const groups = 'multicast_groups' in listener ? listener.multicast_groups : [];
  if (groups.length === 0 || answersMulticast) return undefined;
  return { key: 'multicast_groups', reason: `${title} answers nothing that is sent to multicast groups` };
}

function noSuchZone(zone: string, names: readonly string[]): string {
  if (names.length === 0) return `there is no zone "${zone}": this gateway has no zones`;
  const meant = nearest(zone, names);
  const question = meant === undefined ? '' : ` did you mean ${meant}?`;
  return `there is no zone "${zone}";${question} zones of this gateway: ${names.join(', ')}`;
}
