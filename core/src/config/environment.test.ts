import assert from 'node:assert/strict';
import { test } from 'node:test';
import { z } from 'zod';
import type { Environment } from './environment.js';
import { type ConfigResult, loadConfig } from './load.js';
import { formatProblem } from './problem.js';
import { duration } from './units.js';

const schema = z.strictObject({
  log: z
    .strictObject({ level: z.enum(['info', 'warn']).default('info'), text: z.string().optional() })
    .prefault({}),
  users: z.array(z.strictObject({ username: z.string(), password: z.string() })).default([]),
  ttl: duration().prefault('15s'),
  peers: z.array(z.string()).default([]),
  listeners: z
    .record(
      z.string(),
      z.strictObject({
        bind: z.string(),
        backlog: z.int().min(1).default(5),
        proxy: z.boolean().default(false),
      }),
    )
    .default({}),
});

function load(env: Environment, text = ''): ConfigResult<z.output<typeof schema>> {
  return loadConfig({ schema, file: 'portico.yaml', text, env, reserved: ['stomp'] });
}

function accepted(env: Environment, text = ''): z.output<typeof schema> {
  const result = load(env, text);
  assert.ok(result.ok, problems(env, text).join('\n'));
  return result.config;
}

function problems(env: Environment, text = ''): string[] {
  const result = load(env, text);
  return result.ok ? [] : result.problems.map(formatProblem);
}

test('a variable overrides the file, key by key', () => {
  const config = accepted(
    { PORTICO_LISTENERS__MAIN__BIND: '0.0.0.0:2', PORTICO_LOG__LEVEL: 'warn' },
    'log: { level: info }\nlisteners:\n  main: { bind: "127.0.0.1:1", backlog: 7 }\n',
  );
  assert.equal(config.log.level, 'warn');
  assert.deepEqual(config.listeners, { main: { bind: '0.0.0.0:2', backlog: 7, proxy: false } });
});

test('values are read as YAML: numbers, switches, durations, lists, sections', () => {
  const config = accepted({
    PORTICO_TTL: '2m',
    PORTICO_PEERS: '[a, b]',
    PORTICO_LISTENERS__A: '{ bind: 127.0.0.1:1, proxy: true }',
    PORTICO_LISTENERS__B__BIND: '127.0.0.1:2',
    PORTICO_LISTENERS__B__BACKLOG: '9',
  });
  assert.equal(config.ttl, 120_000);
  assert.deepEqual(config.peers, ['a', 'b']);
  assert.deepEqual(config.listeners, {
    a: { bind: '127.0.0.1:1', backlog: 5, proxy: true },
    b: { bind: '127.0.0.1:2', backlog: 9, proxy: false },
  });
});

test('where text is wanted the text of the variable is the value, whatever it looks like', () => {
  for (const text of ['12345', 'on', 'true', 'null', '', '# x', 'a: b', '"quoted"', '*x', '{']) {
    assert.equal(accepted({ PORTICO_LOG__TEXT: text }).log.text, text);
  }
  const { users } = accepted({ PORTICO_USERS: '[{ username: 007, password: 12345 }]' });
  assert.deepEqual(users, [{ username: '007', password: '12345' }]);
});

test('names of the operator are matched whatever their case, and are lower case when they are new', () => {
  const text = 'listeners:\n  MyPort: { bind: "127.0.0.1:1" }\n';
  const config = accepted(
    { PORTICO_LISTENERS__MYPORT__BACKLOG: '9', PORTICO_LISTENERS__NEW__BIND: 'x' },
    text,
  );
  assert.deepEqual(Object.keys(config.listeners), ['MyPort', 'new']);
  assert.equal(config.listeners.MyPort?.backlog, 9);
});

test('a section and keys in it may both be given', () => {
  const env = { PORTICO_LOG__LEVEL: 'warn', PORTICO_LOG: '{ level: info, text: x }' };
  assert.deepEqual(accepted(env).log, { level: 'warn', text: 'x' });
});

test('a variable changes its key alone: the defaults of a section that nobody wrote stay', () => {
  const ports = z.record(z.string(), z.strictObject({ bind: z.string(), backlog: z.int().default(5) }));
  const gateway = z.strictObject({ ports: ports.prefault({ a: { bind: ':1' }, b: { bind: ':2' } }) });
  const env = { PORTICO_GATEWAY__PORTS__A__BACKLOG: '9' };
  const load = (text: string) =>
    loadConfig({ schema: z.strictObject({ gateway: gateway.prefault({}) }), text, env });
  const kept = load('gateway: {}');
  assert.ok(kept.ok);
  assert.deepEqual(kept.config.gateway.ports, {
    a: { bind: ':1', backlog: 9 },
    b: { bind: ':2', backlog: 5 },
  });
  const written = load('gateway: { ports: { a: { bind: ":3" } } }');
  assert.ok(written.ok);
  assert.deepEqual(written.config.gateway.ports, { a: { bind: ':3', backlog: 9 } });
  assert.ok(!load('gateway: { ports: {} }').ok);
});

test('a wrong value is reported with the name of the variable', () => {
  const env = {
    PORTICO_LOG__LEVEL: 'loud',
    PORTICO_LISTENERS__A__BACKLOG: '0',
    PORTICO_TTL: '',
    PORTICO_PEERS: '[a',
  };
  assert.deepEqual(problems(env), [
    'PORTICO_LISTENERS__A__BACKLOG: listeners.a.bind: is missing; expected text',
    'PORTICO_LISTENERS__A__BACKLOG: listeners.a.backlog: 0 is not allowed; expected a whole number, at least 1',
    'PORTICO_LOG__LEVEL: log.level: "loud" is not allowed; expected info or warn',
    'PORTICO_PEERS: peers: a character is missing: a quote, a bracket, a comma, or the space after a colon',
    'PORTICO_TTL: ttl: no value given; expected a duration from 1ms to 36500d, or 0',
  ]);
});

test('a variable of a key that the file has wrong takes the blame, or the credit', () => {
  const text = 'log:\n  level: loud\n';
  assert.deepEqual(problems({ PORTICO_LOG__LEVEL: 'louder' }, text), [
    'PORTICO_LOG__LEVEL: log.level: "louder" is not allowed; expected info or warn',
  ]);
  assert.equal(accepted({ PORTICO_LOG__LEVEL: 'warn' }, text).log.level, 'warn');
  assert.deepEqual(problems({ PORTICO_LOG__LEVEL: 'warn' }, 'log: quiet\n'), [
    'portico.yaml:1:6: log: "quiet" is not allowed; expected a section with the keys level, text',
  ]);
});

test('a variable that names no key is reported with the nearest one that does', () => {
  const cases: [string, string][] = [
    ['PORTICO_LOG_LEVEL', 'names no key; did you mean PORTICO_LOG__LEVEL?'],
    ['PORTICO_LOG__LEVLE', 'names no key; did you mean PORTICO_LOG__LEVEL?'],
    ['PORTICO_LISTENER__MAIN__BIND', 'names no key; did you mean PORTICO_LISTENERS__MAIN__BIND?'],
    ['PORTICO_LISTENERS__MAIN__BNID', 'names no key; did you mean PORTICO_LISTENERS__MAIN__BIND?'],
    ['PORTICO_LISTENER__MAIN__BNID', 'names no key; did you mean PORTICO_LISTENERS__MAIN__BIND?'],
    ['PORTICO_', 'names no key'],
    ['PORTICO_FOO', 'names no key'],
    ['PORTICO_STMOP__ENABLE', 'names no key; did you mean PORTICO_STOMP__ENABLE?'],
    ['PORTICO_USERS__0__PASSWORD', "users is a list, which is set as a whole: PORTICO_USERS='[…, …]'"],
  ];
  const text = 'listeners:\n  main: { bind: "127.0.0.1:1" }\n';
  for (const [variable, reason] of cases) {
    assert.deepEqual(problems({ [variable]: 'x' }, text), [`${variable}: ${reason}`]);
  }
});

test('what Kubernetes and Docker say about a service called portico is not meant for us', () => {
  const env = {
    PORTICO_SERVICE_HOST: '10.0.0.1',
    PORTICO_SERVICE_PORT: '1883',
    PORTICO_SERVICE_PORT_MQTT: '1883',
    PORTICO_PORT: 'tcp://10.0.0.1:1883',
    PORTICO_PORT_1883_TCP: 'tcp://10.0.0.1:1883',
    PORTICO_PORT_1883_TCP_PROTO: 'tcp',
    PORTICO_MQTT_PORT_5683_UDP_ADDR: '10.0.0.1',
    PATH: '/bin',
    PORTICO_UNSET: undefined,
  };
  assert.deepEqual(accepted(env), accepted({}));
});
