import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, test } from 'node:test';
import { inRoot } from './paths.js';
import { alone, PorticoFolder } from './testing.js';

/** The real command, word for word as an operator types it, with a real hub. */

const portico = new PorticoFolder({
  PORTICO_MANAGEMENT__BIND: '127.0.0.1:0',
  PORTICO_MANAGEMENT__DEFAULT_APPLICATION__SECRET: 'open sesame',
});
const PLACE = { cwd: portico.directory, env: portico.environment() };

function run(words: readonly string[], input = '') {
  const { status, stdout, stderr } = spawnSync(
    inRoot('bin', 'portico'),
    [...words, '--config', 'portico.yaml'],
    { ...PLACE, encoding: 'utf8', input },
  );
  return { status, stdout, stderr };
}

const hub = portico.start(`node: { data_dir: ${portico.directory} }\n${alone('mqtt', 0)}`);
for (let line = ''; !/is running/.test(line); line = await hub.nextLine()) {
  assert.notEqual(line, undefined, hub.stderr.join());
}

/** Typed one after the other: the words, what is printed, and the exit code where it is not 0. */
const TYPED: readonly (readonly [words: readonly string[], printed: RegExp, status?: number])[] = [
  [['broker', 'stats', '--like', 'sessions.'], /^sessions\.max +\d+$/m],
  [['publish', 'room/1', 'hello', '--retain', '--qos', '1', '--client-id', 'me'], /^ok\n$/],
  [['retained', 'list', 'room/+'], /^room\/1 +1 +5 .* me$/m],
  [['subscriptions', 'list', '--match', 'room/1', '--qos', '0'], /^CLIENT ID +TOPIC FILTER +QOS\n$/],
  [['acl', 'cache-clean', 'nobody'], /^$/, 1],
  [['acl', 'reload'], /^$/, 1],
  [['topic-metrics', 'add', 'room/1'], /^ok\n$/],
  [['topic-metrics', 'list'], /^room\/1 +0 +0 +0 +0 +0$/m],
  [['modules', 'disable', 'tcp'], /^$/, 1],
  [['config', 'set', 'gateways.nosuch.x', '1'], /^$/, 1],
  [['banned', 'add', 'username', 'eve', '--until', 'infinity', '--reason', 'listens'], /^banned until it is/],
  [['banned', 'list'], /^username +eve .*for ever .*listens$/m],
  [['banned', 'add', 'user', 'eve'], /^$/, 2],
  [['banned', 'add', 'username', 'eve', '--until', '2026-13-40'], /^$/, 2],
  [['trace', 'start', 'client', 'm', '--seconds', '0'], /^$/, 2],
  [['listeners', 'stop', 'management:http'], /^$/, 1],
  [['mgmt', 'insert', 'backend', 'Backend', '--desc', 'of the shop'], /^AppSecret: \S+\n$/],
  [['clients', 'list', '--app', 'admin', '--secret', 'open sesame', '--state', 'connected'], /^CLIENT ID /],
];

for (const [words, printed, status = 0] of TYPED) {
  test(`portico ${words.join(' ')}`, () => {
    const result = run(words);
    assert.deepEqual([result.status, result.stderr === ''], [status, status === 0], result.stderr);
    assert.match(result.stdout, printed);
  });
}

test('who writes options before the command is told where they belong', () => {
  const { status, stderr } = run(['--json', 'clients', 'list']);
  assert.equal(status, 2);
  assert.equal(
    stderr,
    "error: unknown option '--json'\nTry portico --help; options come behind the command: portico clients list --json\n",
  );
});

test('a command that asks the hub loads neither gateways nor what serves the API', () => {
  const coverage = mkdtempSync(join(portico.directory, 'coverage-'));
  const words = ['status', '--config', 'portico.yaml'];
  const env = { ...PLACE.env, NODE_V8_COVERAGE: coverage };
  const { status } = spawnSync(inRoot('bin', 'portico'), words, { ...PLACE, env });
  assert.equal(status, 0);
  const scripts = readdirSync(coverage).map((file) => readFileSync(join(coverage, file), 'utf8'));
  assert.match(scripts.join(), /cli\/dist\/commands\/status\.js/);
  assert.doesNotMatch(scripts.join(), /\/(gateways|codecs|fastify)\//);
});

test('portico trace --wire shows frames live', async () => {
  const words = ['trace', '--wire', '--json', '--config', 'portico.yaml'];
  const watching = spawn(inRoot('bin', 'portico'), words, PLACE);
  after(() => watching.kill('SIGKILL'));
  for (let line = ''; !line.includes('action=watch_wire'); ) line = await hub.nextLine();
  const frame = once(createInterface({ input: watching.stdout }), 'line');
  const client = spawn(inRoot('bin', 'portico'), ['subscribe', 'x', '-c', 'portico.yaml'], PLACE);
  after(() => client.kill('SIGKILL'));
  assert.equal(JSON.parse(String(await frame)).frame.title, 'CONNECT');
});

test('portico subscribe is a client that can be seen, subscribed to more, and ended by Ctrl-C', async () => {
  const watching = spawn(inRoot('bin', 'portico'), ['subscribe', 'alerts', '-c', 'portico.yaml'], PLACE);
  after(() => watching.kill('SIGKILL'));
  const ended = once(watching, 'close');
  await once(createInterface({ input: watching.stderr }), 'line');
  const [client] = JSON.parse(run(['clients', 'list', '--like', 'portico-subscribe', '--json']).stdout);
  assert.equal(run(['subscriptions', 'add', client.clientid, 'hall/+', '1']).stdout, 'ok\n');
  assert.match(run(['subscriptions', 'show', client.clientid]).stdout, / alerts +0\n.* hall\/\+ +1\n$/);
  assert.match(run(['routes', 'show', 'hall/+']).stdout, /^hall\/\+ /m);
  const line = once(createInterface({ input: watching.stdout }), 'line');
  assert.equal(run(['publish', 'hall/2'], 'from standard input').stdout, 'ok\n');
  assert.deepEqual(await line, ['hall/2 from standard input']);
  watching.kill('SIGINT');
  assert.deepEqual(await ended, [0, null]);
});
