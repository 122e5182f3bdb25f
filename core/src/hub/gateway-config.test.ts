import assert from 'node:assert/strict';
import { test } from 'node:test';
import { z } from 'zod';
import { loadConfig } from '../config/load.js';
import { formatProblem } from '../config/problem.js';
import { byteSize, duration } from '../config/units.js';
import { defineGateway } from '../gateway/contract.js';
import { type GatewayConfig, gatewayConfigSchema, zoneConfig } from './gateway-config.js';

const config = z
  .object({
    max_packet_size: byteSize()
      .prefault('1MB')
      .refine((size) => size > 0, 'too short')
      .describe('longest packet'),
    idle_timeout: duration().prefault('15s').describe('patience'),
    low: z.int().default(1).describe('not above high'),
    high: z.int().default(2).describe('not below low'),
  })
  .refine(({ low, high }) => low <= high, { path: ['low'], message: 'low is above high' });

const gateway = defineGateway({
  name: 'lines',
  title: 'Lines',
  description: 'lines of text',
  config,
  transports: ['tcp'],
  defaultListeners: { tcp: { default: { bind: '127.0.0.1:1000' } } },
  create: () => assert.fail('nothing is made'),
});

function load(section: string) {
  const schema = z.strictObject({ lines: gatewayConfigSchema(gateway) });
  const text = `lines:\n${section.replaceAll(/^/gm, '  ')}\n`;
  return loadConfig({ schema, file: 'portico.yaml', text });
}

function accepted(section: string): GatewayConfig {
  const result = load(section);
  assert.ok(result.ok, result.ok ? '' : result.problems.map(formatProblem).join('\n'));
  return result.config.lines;
}

function problems(section: string): string[] {
  const result = load(section);
  return result.ok ? [] : result.problems.map(formatProblem);
}

test('a zone has the keys of its gateway but for those of its own', () => {
  const section = accepted(`
max_packet_size: 2KB
enable_acl: true
zones:
  near: { idle_timeout: 1m, enable_acl: false }
  far: { max_packet_size: 3KB }
listeners:
  tcp: { a: { bind: 1, zone: near }, b: { bind: 2, zone: far }, c: { bind: 3 } }`);
  const held = [undefined, 'near', 'far'].map((zone) => {
    const { max_packet_size, idle_timeout, enable_acl } = zoneConfig(section, zone);
    return [max_packet_size, idle_timeout, enable_acl];
  });
  assert.deepEqual(held, [
    [2048, 15_000, true],
    [2048, 60_000, false],
    [3072, 15_000, true],
  ]);
  assert.equal(section.listeners.tcp?.a?.zone, 'near');
});

test('without zones there are none, and a zone may be empty', () => {
  assert.equal(accepted('enable: true').zones, undefined);
  assert.deepEqual(accepted('zones:\n  near: {}').zones, { near: {} });
});

test('a listener in a zone that there is not is told with its place and what there is', () => {
  assert.deepEqual(problems('listeners:\n  tcp: { a: { bind: 1, zone: near } }'), [
    'portico.yaml:3:32: lines.listeners.tcp.a.zone: there is no zone "near": this gateway has no zones',
  ]);
  assert.deepEqual(
    problems('zones: { internal: {}, external: {} }\nlisteners:\n  tcp: { a: { bind: 1, zone: intern } }'),
    [
      'portico.yaml:4:32: lines.listeners.tcp.a.zone: there is no zone "intern"; did you mean internal? zones of this gateway: internal, external',
    ],
  );
});

test('what is wrong in a zone is told like anything else', () => {
  assert.deepEqual(problems('zones:\n  near:\n    idle_timeot: 1m'), [
    'portico.yaml:4:7: lines.zones.near.idle_timeot: unknown key; did you mean idle_timeout? allowed here: max_packet_size, idle_timeout, low, high, bytes_rate, messages_rate, allow_anonymous, enable_acl, acl_deny_action, enable_ban, enable_flapping_detect, bypass_auth_plugins',
  ]);
  assert.deepEqual(problems('zones:\n  near: { idle_timeout: 15, max_packet_size: 0 }'), [
    'portico.yaml:3:27: lines.zones.near.idle_timeout: 15 is not allowed; expected a duration from 1ms to 36500d, or 0',
    'portico.yaml:3:48: lines.zones.near.max_packet_size: 0 is not allowed: too short',
  ]);
  assert.deepEqual(problems('zones:\n  near: { listeners: {} }').length, 1);
  assert.deepEqual(problems('zones:\n  a b: {}').length, 1);
});

test('the rules of the gateway hold for what it and a zone say together', () => {
  assert.deepEqual(problems('low: 3'), ['portico.yaml:2:8: lines.low: 3 is not allowed: low is above high']);
  assert.deepEqual(problems('low: 3\nhigh: 4\nzones:\n  near: { high: 2 }'), [
    'portico.yaml:5:5: lines.zones.near.low: low is above high',
  ]);
  assert.deepEqual(problems('low: 3\nhigh: 4\nzones:\n  near: { low: 5 }'), [
    'portico.yaml:5:18: lines.zones.near.low: 5 is not allowed: low is above high',
  ]);
  assert.deepEqual(problems('low: many\nhigh: 0'), [
    'portico.yaml:2:8: lines.low: "many" is not allowed; expected a whole number',
  ]);
});

test('every key of a zone is described as the gateway describes it', () => {
  const { properties = {} } = z.toJSONSchema(gatewayConfigSchema(gateway), { io: 'input' });
  const zone = (properties.zones as { additionalProperties: { properties: Record<string, object> } })
    .additionalProperties.properties;
  for (const [key, described] of Object.entries(zone)) {
    assert.deepEqual(
      { ...described, default: undefined },
      { ...(properties[key] as object), default: undefined },
    );
  }
  assert.equal(Object.keys(zone).length, Object.keys(properties).length - 3);
});
