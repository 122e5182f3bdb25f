import assert from 'node:assert/strict';
import { test } from 'node:test';
import { z } from 'zod';
import { type ConfigInput, loadConfig } from './load.js';
import { leavesOf, overridesText } from './overrides.js';
import { formatProblem, formatSource } from './problem.js';

const listener = z.strictObject({ bind: z.string(), max_connections: z.int().max(1000).default(10) });

const schema = z.strictObject({
  folder: z.string().default('data'),
  users: z.array(z.strictObject({ name: z.string(), password: z.string() })).default([]),
  stomp: z
    .strictObject({
      enable: z.boolean().default(true),
      max_headers: z.int().max(100).default(10),
      listeners: z.record(z.string(), listener).prefault({ default: { bind: '127.0.0.1:61613' } }),
    })
    .prefault({}),
});

function load(
  settings: Record<string, unknown> | string,
  more: Pick<ConfigInput<typeof schema>, 'text' | 'env'> = {},
) {
  const text = typeof settings === 'string' ? settings : overridesText(settings);
  return loadConfig({
    schema,
    file: 'portico.yaml',
    text: '',
    ...more,
    overrides: () => ({ file: 'runtime.yaml', text }),
  });
}

function problems(result: ReturnType<typeof load>): string[] {
  return result.ok ? [] : result.problems.map(formatProblem);
}

/** `key=value` with its origin, for the keys of a section. */
function origins(result: ReturnType<typeof load>, section: string): string[] {
  assert.ok(result.ok, problems(result).join());
  return result
    .values()
    .filter(({ path }) => path[0] === section)
    .map(({ path, value, source }) => `${path.join('.')}=${JSON.stringify(value)} ${formatSource(source)}`);
}

test('what was changed at run time takes the place of the file, key by key, and gives way to the environment', () => {
  const text = 'stomp:\n  enable: true\n  max_headers: 20\n';
  const settings = {
    stomp: { enable: false, max_headers: 30, listeners: { second: { bind: '127.0.0.1:1' } } },
  };
  const result = load(settings, { text, env: { PORTICO_STOMP__MAX_HEADERS: '40' } });
  assert.deepEqual(origins(result, 'stomp'), [
    'stomp.enable=false runtime.yaml:6:13',
    'stomp.max_headers=40 PORTICO_STOMP__MAX_HEADERS',
    'stomp.listeners.default.bind="127.0.0.1:61613" ',
    'stomp.listeners.default.max_connections=10 ',
    'stomp.listeners.second.bind="127.0.0.1:1" runtime.yaml:10:15',
    'stomp.listeners.second.max_connections=10 ',
  ]);
  assert.ok(result.ok);
  assert.equal(result.config.stomp.max_headers, 40);
  assert.deepEqual(Object.keys(result.config.stomp.listeners), ['default', 'second']);
});

test('a change that the schema accepts no longer is told with its place, value and what is allowed', () => {
  assert.deepEqual(problems(load({ stomp: { max_headers: 5000, max_header: 1 } })), [
    'runtime.yaml:6:18: stomp.max_headers: 5000 is not allowed; expected a whole number, at most 100',
    'runtime.yaml:7:5: stomp.max_header: unknown key; did you mean max_headers? allowed here: enable, max_headers, listeners',
  ]);
  assert.deepEqual(problems(load({ stomp: { max_headers: 5000 } }, { env: { PORTICO_STOMP: '{}' } })), []);
});

test('a file of changes that is not as it must be is not taken for one without changes', () => {
  const version = 'no version that is understood; expected version: 1';
  assert.deepEqual(problems(load('')), [`runtime.yaml:1:1: ${version}`]);
  assert.deepEqual(problems(load('version: 2\nsettings: { stomp: { enable: false } }')), [
    `runtime.yaml:1:10: ${version}`,
  ]);
  assert.match(problems(load('version: [')).join(), /^runtime.yaml:1:/);
  assert.deepEqual(problems(load('version: 1\n')), []);
});

test('where the changes are kept may stand in the file or the environment', () => {
  const asked: unknown[] = [];
  const overrides = ({ folder }: Record<string, unknown>) => void asked.push(folder);
  loadConfig({ schema, text: 'folder: here', overrides });
  loadConfig({ schema, text: 'folder: here', env: { PORTICO_FOLDER: 'there' }, overrides });
  loadConfig({ schema, text: '', overrides });
  assert.deepEqual(asked, ['here', 'there', undefined]);
});

test('values that are shown have no secrets', () => {
  const result = load({ users: [{ name: 'ann', password: 'sesame' }] });
  assert.deepEqual(origins(result, 'users'), ['users=[{"name":"ann","password":"***"}] runtime.yaml:6:5']);
});

test('the leaves of sections are their single settings', () => {
  const leaves = [...leavesOf({ a: { b: 1, c: [2], d: {} }, e: null })];
  assert.deepEqual(leaves, [
    [['a', 'b'], 1],
    [['a', 'c'], [2]],
    [['a', 'd'], {}],
    [['e'], null],
  ]);
});

test('the environment overrules a change only where it says something else about a setting in it', () => {
  const env = {
    PORTICO_STOMP__MAX_HEADERS: '40',
    PORTICO_STOMP__LISTENERS__SECOND__MAX_CONNECTIONS: '5',
  };
  const text = 'stomp: { listeners: { second: { bind: "127.0.0.1:9" } } }\n';
  const overruling = (path: string, value: unknown, variables: Record<string, string> = env) => {
    const steps = path.split('.');
    const settings = steps.reduceRight<unknown>((below, key) => ({ [key]: below }), value);
    const result = load(settings as Record<string, unknown>, { text, env: variables });
    assert.ok(result.ok, problems(result).join());
    return formatSource(result.overruling(steps, value));
  };
  const second = 'stomp.listeners.second';
  assert.equal(overruling('stomp.enable', false), '');
  assert.equal(overruling('stomp.max_headers', 40), '');
  assert.equal(overruling('stomp.max_headers', 20), 'PORTICO_STOMP__MAX_HEADERS');
  assert.equal(overruling('stomp.listeners.default', { bind: '127.0.0.1:1' }, {}), '');
  assert.equal(overruling(second, { bind: '127.0.0.1:1' }), '');
  assert.equal(overruling(second, { bind: '127.0.0.1:1', max_connections: 5 }), '');
  assert.equal(
    overruling(second, { bind: '127.0.0.1:1', max_connections: 6 }),
    'PORTICO_STOMP__LISTENERS__SECOND__MAX_CONNECTIONS',
  );
  const whole = { PORTICO_STOMP__LISTENERS: '{ default: { bind: "127.0.0.1:2" } }' };
  assert.equal(overruling(second, { bind: '127.0.0.1:1' }, whole), 'PORTICO_STOMP__LISTENERS');
});
