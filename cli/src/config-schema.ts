import {
  accessConfigSchema,
  alarmConfigSchema,
  brokerConfigSchema,
  type GatewayConfig,
  gatewayConfigSchema,
  type HubConfig,
  hasPresharedKeys,
  type LogConfig,
  logConfigSchema,
  osMonConfigSchema,
  type StoreConfig,
  storeConfigSchema,
  sysmonConfigSchema,
  vmMonConfigSchema,
} from '@portico/core';
import { type ManagementConfig, managementConfigSchema } from '@portico/management';
import { z } from 'zod';
import { GATEWAYS } from './gateways.js';
import { nodeSchema } from './node-config.js';

/**
 * Keys that are promised and not there yet. A configuration that sets them is accepted, with a warning for
 * each. Whoever implements one takes its row out.
 */
export const RESERVED_KEYS = ['gateways.exproto'] as const;

/** The configuration, checked, with all defaults. */
export interface PorticoConfig extends HubConfig {
  readonly node: z.output<typeof nodeSchema>;
  readonly log: LogConfig;
  readonly store: StoreConfig;
  readonly management: ManagementConfig;
}

const wholeSchema = z.strictObject({
  node: nodeSchema.prefault({}).describe('this node'),
  log: logConfigSchema.prefault({}).describe('the log'),
  store: storeConfigSchema.prefault({}).describe('what must outlive a restart'),
  access: accessConfigSchema.prefault({}).describe('who may come in, and what they may do'),
  broker: brokerConfigSchema.prefault({}).describe('what all protocols share'),
  sysmon: sysmonConfigSchema.prefault({}).describe('troubles of the process that are reported'),
  alarm: alarmConfigSchema.prefault({}).describe('what is done about alarms'),
  os_mon: osMonConfigSchema.prefault({}).describe('alarms about processors and memory'),
  vm_mon: vmMonConfigSchema
    .prefault({})
    .describe('alarms about file descriptors, and about connections of listeners'),
  management: managementConfigSchema.prefault({}).describe('the HTTP API for operators and their programs'),
  gateways: z
    .strictObject(Object.fromEntries(GATEWAYS.map((gateway) => [gateway.name, gatewayConfigSchema(gateway)])))
    .prefault({})
    .superRefine((gateways, context) => {
      if (Object.values(gateways).some(listens)) return;
      const message = 'nothing listens: enable a gateway, and one of its listeners';
      context.addIssue({ code: 'custom', message });
    })
    .superRefine(refuseSharedAddresses)
    .describe('one section for each protocol'),
});

/** The whole configuration of Portico. */
export const configSchema: z.ZodType<PorticoConfig> = wholeSchema
  .superRefine(demandPresharedKeys)
  .superRefine(refuseSharedManagementAddress);

/** A listener that takes pre-shared keys needs some. */
function demandPresharedKeys({ access, gateways }: PorticoConfig, context: z.RefinementCtx): void {
  if (hasPresharedKeys(access)) return;
  for (const { gateway, type, id, listener } of openListeners(gateways)) {
    if (!('psk' in listener) || !listener.psk) continue;
    const path = ['gateways', gateway, 'listeners', type, id, 'psk'];
    const message = 'there is neither access.psk_file nor a user with psk';
    context.addIssue({ code: 'custom', path, message, input: true });
  }
}

/** Two listeners cannot have the same address; one of TCP and one of UDP can. */
function refuseSharedAddresses(gateways: Gateways, context: z.RefinementCtx<Gateways>): void {
  const taken = new Map<string, string>();
  for (const { gateway, type, id, listener } of openListeners(gateways)) {
    const name = `${gateway}:${type}:${id}`;
    const { bind } = listener;
    const address = `${type === 'udp' || type === 'dtls' ? 'udp' : 'tcp'} ${bind.host}:${bind.port}`;
    const other = taken.get(address);
    if (bind.port === 0) continue;
    taken.set(address, name);
    if (other === undefined) continue;
    const path = [gateway, 'listeners', type, id, 'bind'];
    context.addIssue({ code: 'custom', path, message: `the address is that of the listener ${other}` });
  }
}

/** Nor can the management API and a listener. */
function refuseSharedManagementAddress(
  { management, gateways }: PorticoConfig,
  context: z.RefinementCtx,
): void {
  const { enable, bind } = management;
  if (!enable || bind.port === 0) return;
  for (const { gateway, type, id, listener } of openListeners(gateways)) {
    if (type === 'udp' || type === 'dtls') continue;
    if (listener.bind.port !== bind.port || listener.bind.host !== bind.host) continue;
    const message = `the address is that of the listener ${gateway}:${type}:${id}`;
    context.addIssue({ code: 'custom', path: ['management', 'bind'], message });
  }
}

type Gateways = Readonly<Record<string, GatewayConfig>>;

function openListeners(gateways: Gateways) {
  return Object.entries(gateways).flatMap(([gateway, { enable, listeners }]) =>
    Object.entries(listeners).flatMap(([type, byId]) =>
      Object.entries(byId ?? {})
        .filter(([, listener]) => enable && listener.enable)
        .map(([id, listener]) => ({ gateway, type, id, listener })),
    ),
  );
}

function listens({ enable, listeners }: GatewayConfig): boolean {
  const all = Object.values(listeners).flatMap((byId) => Object.values(byId ?? {}));
  return enable && all.some((listener) => listener.enable);
}
