import assert from 'node:assert/strict';
import { test } from 'node:test';
import { z } from 'zod';
import { defineGateway } from '../gateway/contract.js';
import type { ListenerConfig } from '../listeners/listener-config.js';
import { listenerConfig } from '../listeners/testing/listener-fixture.js';
import { gatewayEffect, type ListenerEffect, listenerEffect, needsNewGateway } from './change-effect.js';
import { gatewayConfigSchema } from './gateway-config.js';

const schema = gatewayConfigSchema(
  defineGateway({
    name: 'lines',
    title: 'Lines',
    description: 'lines of text',
    config: z.object({ longest: z.int().default(10), rules: z.array(z.string()).default([]) }),
    transports: ['tcp', 'udp'],
    defaultListeners: { tcp: { default: { bind: '127.0.0.1:1000' } } },
    create: () => assert.fail('nothing is made'),
  }),
);

const BEFORE = { rules: ['a', 'b'], zones: { slow: { longest: 5 } } };

/** What a section has in place of {@link BEFORE}, and whether a gateway has to be made for it. */
const SECTIONS: readonly (readonly [change: object, needed: boolean])[] = [
  [{}, false],
  [{ rules: ['a', 'b'] }, false],
  [{ longest: 10 }, false],
  [{ longest: 11 }, true],
  [{ rules: ['b', 'a'] }, true],
  [{ enable: false }, false],
  [{ listeners: { tcp: { other: { bind: 1001 } }, udp: { more: { bind: 1002, zone: 'slow' } } } }, false],
  [{ allow_anonymous: false, enable_acl: false, bypass_auth_plugins: true }, false],
  [{ messages_rate: '10,1s', bytes_rate: '1KB,1s' }, false],
  [{ zones: { slow: { longest: 5, acl_deny_action: 'disconnect', messages_rate: '10,1s' } } }, false],
  [{ zones: { slow: { longest: 6 } } }, true],
  [{ zones: { slow: { longest: 5 }, same: { longest: 10 } } }, false],
  [{ zones: { slow: { longest: 5 }, other: { longest: 11 } } }, true],
  [{ zones: {} }, true],
];

test('a gateway is made anew where its own keys differ, itself or for a zone, and not for what the hub sees to', () => {
  for (const [change, needed] of SECTIONS) {
    const [before, after] = [schema.parse(BEFORE), schema.parse({ ...BEFORE, ...change })];
    assert.equal(needsNewGateway(before, after), needed, JSON.stringify(change));
    assert.equal(needsNewGateway(after, before), needed, `back from ${JSON.stringify(change)}`);
  }
});

const LISTENERS: readonly (readonly [
  type: 'tcp' | 'udp' | 'ws',
  change: Record<string, unknown>,
  effect: ListenerEffect,
])[] = [
  ['tcp', {}, 'none'],
  ['tcp', { max_connections: 1_024_000, access_rules: ['allow all'] }, 'none'],
  ['tcp', { max_connections: 5 }, 'limits'],
  ['ws', { max_conn_rate: 5, messages_rate: '10,1s' }, 'limits'],
  ['udp', { access_rules: ['deny all'], bytes_rate: '1KB,1s' }, 'limits'],
  ['tcp', { bind: '127.0.0.1:1001' }, 'restart'],
  ['tcp', { zone: 'slow' }, 'restart'],
  ['tcp', { max_connections: 5, nodelay: false }, 'restart'],
  ['ws', { path: '/other' }, 'restart'],
  ['udp', { idle_timeout: '10m' }, 'restart'],
  ['udp', { multicast_groups: ['224.0.1.187'] }, 'restart'],
];

test('a listener is opened anew for what it is bound to, and goes on where other limits hold', () => {
  for (const [type, change, effect] of LISTENERS) {
    const before: ListenerConfig = listenerConfig(type, {});
    assert.equal(listenerEffect(before, listenerConfig(type, change)), effect, JSON.stringify(change));
  }
});

test('of each key of a gateway it is told what a change does to connections', () => {
  const effects = (independentConnections: boolean) =>
    [
      'enable',
      'longest',
      'zones.slow.longest',
      'allow_anonymous',
      'zones.slow.messages_rate',
      'listeners.tcp.default.bind',
      'listeners.tcp.default.max_connections',
    ].map((key) => gatewayEffect({ independentConnections }, key.split('.')));
  const always = ['new connections', 'new connections', 'listener restarts', 'new connections'];
  assert.deepEqual(effects(true), ['gateway restarts', 'new connections', 'new connections', ...always]);
  assert.deepEqual(effects(false), ['gateway restarts', 'gateway restarts', 'gateway restarts', ...always]);
});
