import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { GATEWAYS } from '../gateways.js';
import type { ApiCommandOptions } from '../management-api.js';
import { PorticoFolder, runCommand } from '../testing.js';
import { setConfig, unsetConfig } from './config.js';
import { addListener, changeListener, listListeners, removeListener } from './listeners.js';
import { logLevel } from './log.js';
import { changeModule, describeModule, listGateways, listModules, showGateway } from './modules.js';

/** The commands that change a hub, against one that runs as a process of its own. */

const HEADERS = 'gateways.stomp.max_headers';
const SECOND = 'tcp:tcp:second';

const portico = new PorticoFolder({
  PORTICO_MANAGEMENT__BIND: '127.0.0.1:0',
  PORTICO_MANAGEMENT__DEFAULT_APPLICATION__SECRET: 'open sesame',
  PORTICO_GATEWAYS__TCP__IDLE_TIMEOUT: '20s',
});
const file = join(portico.directory, 'portico.yaml');
const runtime = join(portico.directory, 'runtime.yaml');

const CONFIGURATION = `
node: { data_dir: ${portico.directory} }
gateways:
${GATEWAYS.filter(({ name }) => name !== 'tcp' && name !== 'stomp')
  .map(({ name }) => `  ${name}: { enable: false }\n`)
  .join('')}
  tcp: { listeners: { tcp: { default: { bind: 127.0.0.1:0 } } } }
  stomp: { listeners: { tcp: { default: { bind: 127.0.0.1:0 } } } }
`;

const hub = portico.start(CONFIGURATION);
for (let line = ''; !/is running/.test(line); line = await hub.nextLine()) {
  assert.notEqual(line, undefined, hub.stderr.join());
}

function run<Options extends ApiCommandOptions>(
  command: (options: Options) => Promise<number>,
  options: Partial<ApiCommandOptions> & Omit<Options, keyof ApiCommandOptions>,
) {
  const dataDir = portico.directory;
  return runCommand({ dataDir }, command, { file, env: portico.environment(), ...options });
}

/** The cells of the row that begins with a name. */
function row(table: string, name: string): string[] {
  const line = table.split('\n').find((text) => text.startsWith(`${name} `));
  return line?.split(/ {2,}/).map((cell) => cell.trim()) ?? [];
}

const OK = { code: 0, stdout: 'ok\n', stderr: '' };

test('modules are listed, described, disabled, enabled, restarted and reloaded', async () => {
  const list = async () => row((await run(listModules, {})).stdout, 'stomp').slice(1, 3);
  const act = (action: 'enable' | 'disable' | 'restart' | 'reload', name = 'stomp') =>
    run(changeModule, { name, action });
  assert.deepEqual(await list(), ['running', 'yes']);
  assert.deepEqual(await act('disable'), OK);
  assert.deepEqual(await list(), ['stopped', 'no']);
  assert.match(
    (await act('disable')).stderr,
    /^nothing is done: the module stomp is not enabled\nSee how it is: /,
  );
  assert.deepEqual(await act('enable'), OK);
  assert.match((await act('enable')).stderr, /^nothing is done: the module stomp runs already\n/);
  assert.deepEqual(await act('restart'), OK);
  assert.deepEqual(await act('reload'), OK);
  assert.deepEqual(await list(), ['running', 'yes']);
  const { code, stderr } = await act('enable', 'stmp');
  assert.match(stderr, /there is no module stmp\n/);
  assert.notEqual(code, 0);
});

test('a module is described with its keys and where their values come from', async () => {
  const { stdout } = await run(describeModule, { name: 'tcp' });
  assert.match(stdout, /^state +running$/m);
  const key = 'gateways.tcp.idle_timeout';
  assert.deepEqual(row(stdout, key), [key, '20s', 'PORTICO_GATEWAYS__TCP__IDLE_TIMEOUT']);
  const [module] = JSON.parse((await run(listModules, { json: true })).stdout);
  assert.deepEqual([module.name, module.active], ['mqtt', false]);
});

test('gateways are listed with their listeners, and shown', async () => {
  const { stdout } = await run(listGateways, {});
  assert.deepEqual(row(stdout, 'tcp'), ['tcp', 'running', '0', 'tcp:tcp:default']);
  assert.match((await run(showGateway, { name: 'tcp' })).stdout, /^listeners +tcp:tcp:default$/m);
});

test('listeners are added, listed, stopped, started, restarted and removed', async () => {
  const list = async () => row((await run(listListeners, {})).stdout, SECOND).slice(2);
  const act = (action: 'start' | 'stop' | 'restart') => run(changeListener, { name: SECOND, action });
  const add = () => run(addListener, { name: SECOND, bind: '127.0.0.1:0' });
  const [, port = ''] = /^listens on 127\.0\.0\.1:(\d+)\n$/.exec((await add()).stdout) ?? [];
  assert.deepEqual(await list(), ['yes', '0', '1024000']);
  assert.deepEqual(await act('stop'), OK);
  assert.equal((await list())[0], 'no');
  for (const action of ['stop', 'restart'] as const) {
    assert.match((await act(action)).stderr, /^nothing is done: the listener tcp:tcp:second is stopped\n/);
  }
  assert.deepEqual(await act('start'), OK);
  assert.match(
    (await act('start')).stderr,
    /^nothing is done: the listener tcp:tcp:second is open already\n/,
  );
  assert.deepEqual(await act('restart'), OK);
  const at = (name: string, where: string) => run(changeListener, { name, port: where, action: 'restart' });
  const bound = row((await run(listListeners, {})).stdout, SECOND)[1] ?? '';
  assert.match(bound, /^127\.0\.0\.1:\d+$/);
  for (const name of ['tcp:tcp', 'tcp', SECOND]) {
    const place = row((await run(listListeners, {})).stdout, SECOND)[1] ?? '';
    assert.deepEqual(await at(name, place), OK, name);
  }
  assert.match((await at('stomp:tcp', port)).stderr, /^not found: no listener stomp:tcp is on port \d+\n/);
  assert.match((await add()).stderr, /tcp:tcp:second: there is a listener of that name\n/);
  assert.deepEqual(await run(removeListener, { name: SECOND }), OK);
  assert.deepEqual(await list(), []);
  const { code, stderr } = await run(removeListener, { name: 'tcp:tcp:default' });
  assert.match(stderr, /tcp:tcp:default: it is in the configuration file/);
  assert.notEqual(code, 0);
});

test('the log names a listener by one key: who asked for what, and that it is open or closed', async () => {
  const name = 'tcp:tcp:told';
  await run(addListener, { name, bind: '127.0.0.1:0' });
  await run(changeListener, { name, action: 'restart' });
  await run(removeListener, { name });
  await run(addListener, { name: 'tcp:tcp:told', bind: '127.0.0.1:x' });
  const told: string[] = [];
  while (told.filter((line) => line.includes('create_listener')).length < 2) {
    const line = await hub.nextLine();
    if (line.includes(`listener=${name}`))
      told.push(line.replace(/^.* INFO: | address=\S+$| app=\S+ peer=\S+/g, ''));
  }
  assert.deepEqual(told, [
    `listener opened gateway=tcp listener=${name}`,
    `management request action=create_listener listener=${name} code=0`,
    `listener closed gateway=tcp listener=${name}`,
    `listener opened gateway=tcp listener=${name}`,
    `management request action=restart_listener listener=${name} code=0`,
    `listener closed gateway=tcp listener=${name}`,
    `management request action=delete_listener listener=${name} code=0`,
    `management request action=create_listener listener=${name} code=108`,
  ]);
});

test('a key is set beside what was changed before, kept, and unset', async () => {
  assert.deepEqual(await run(setConfig, { key: 'gateways.stomp.max_header_length', value: '2000' }), OK);
  assert.deepEqual(await run(setConfig, { key: HEADERS, value: '20' }), OK);
  assert.match(readFileSync(runtime, 'utf8'), /max_headers: 20/);
  const origin = async () => row((await run(describeModule, { name: 'stomp' })).stdout, HEADERS).slice(1);
  const [value, place] = await origin();
  assert.deepEqual([value, place?.split(':')[0]], ['20', runtime]);
  assert.deepEqual(await run(unsetConfig, { key: HEADERS }), OK);
  assert.deepEqual(await origin(), ['10', 'default']);
  assert.ok(!readFileSync(runtime, 'utf8').includes('max_headers'));
});

test('the level of the log, and what is watched, can be changed like keys of modules', async () => {
  const set = (key: string, value: string) => run(setConfig, { key, value });
  assert.deepEqual(await set('log.level', 'debug'), OK);
  assert.equal((await run(logLevel, { level: undefined })).stdout, 'debug\n');
  assert.deepEqual(await set('os_mon.sysmem_high_watermark', '0%'), OK);
  assert.deepEqual(await set('os_mon.mem_check_interval', '1s'), OK);
  for (let line = ''; !/alarm: System memory usage is higher than 0%/.test(line); )
    line = await hub.nextLine();
  assert.match(readFileSync(runtime, 'utf8'), /os_mon:\n +sysmem_high_watermark: 0%/);
  assert.deepEqual(await run(logLevel, { level: 'warn' }), { ...OK, stdout: 'warn\n' });
  assert.deepEqual(await run(unsetConfig, { key: 'os_mon' }), OK);
  assert.equal((await run(logLevel, { level: undefined })).stdout, 'warn\n', 'set until it stops');
  assert.deepEqual(await run(unsetConfig, { key: 'log.level' }), OK);
  assert.equal((await run(logLevel, { level: undefined })).stdout, 'info\n');
});

test('a key with a dot is set, shown and unset by the same text', async () => {
  const key = 'gateways.mqtt.mqueue_priorities."a.b"';
  const shown = async () => row((await run(describeModule, { name: 'mqtt' })).stdout, key)[1];
  const warned = { ...OK, stderr: 'warning: mqtt is not enabled: this holds when it is\n' };
  assert.deepEqual(await run(setConfig, { key, value: '5' }), warned);
  assert.equal(await shown(), '5');
  assert.deepEqual(await run(unsetConfig, { key }), warned);
  assert.equal(await shown(), undefined);
});

test('a value that the file has by now, and the module does not run by, is marked until it is reloaded', async () => {
  const before = readFileSync(file, 'utf8');
  const shown = async () => row((await run(describeModule, { name: 'stomp' })).stdout, HEADERS).slice(1);
  writeFileSync(file, before.replace('  stomp: {', '  stomp: { max_headers: 12,'));
  const [value, origin] = await shown();
  assert.deepEqual([value, origin?.replace(/^.+yaml:\d+:\d+ /, '')], ['12', '(from the next reload on)']);
  assert.deepEqual(await run(changeModule, { name: 'stomp', action: 'reload' }), OK);
  assert.match((await shown())[1] ?? '', /yaml:\d+:\d+$/);
  writeFileSync(file, before);
  await run(changeModule, { name: 'stomp', action: 'reload' });
});

test('a key that may not have a value is told with what is allowed', async () => {
  for (const [key, value, reason] of [
    [HEADERS, '5000', /5000 is not allowed; expected a whole number from 1 to 1000/],
    [HEADERS, 'many', /"many" is not allowed/],
    ['stomp.max_headers', '3', /stomp\.max_headers: did you mean gateways\.stomp\.max_headers\?/],
    ['gateways..stomp', '3', /gateways\.\.stomp: is not the path of a key/],
    ['gateways.stomp.x[0]', '3', /gateways\.stomp\.x\[0\]: a list is changed as a whole/],
    ['gateways.stomp.mountpoint', 'null', /value: null is none; unset takes a change back/],
    ['gateways.stomp', '5', /gateways\.stomp: a number is not allowed; expected a section/],
    ['gateways.stomp.max_hedaers', '20', /unknown key; did you mean max_headers/],
    ['gateways.tcp.idle_timeout', '30s', /PORTICO_GATEWAYS__TCP__IDLE_TIMEOUT in the environment/],
    ['gateways.nosuch.x', '1', /gateways\.nosuch: there is no such gateway; there are mqtt, /],
    ['log.level', 'loud', /log\.level: "loud" is not allowed/],
    ['log.format', 'xml', /log\.format: "xml" is not allowed/],
    ['store.sync', 'never', /store\.sync: needs a restart: write it in the configuration file/],
    [
      'management',
      '{"max_row_limit": 5, "default_application": {"id": "x"}}',
      /management\.default_application\.id: needs a restart/,
    ],
    [
      'brokr.sys_interval',
      '1s',
      /brokr\.sys_interval: there is no such section; there are gateways, node, log/,
    ],
    ['broker.sys_intervall', '1s', /unknown key; did you mean sys_interval/],
    ['broker.sys_interval', 'soon', /broker\.sys_interval: "soon" is not allowed; expected a duration/],
    ['access.acl_file', 'nosuch.conf', /nosuch\.conf \(access\.acl_file\): no such file/],
    ['os_mon.sysmem_high_watermark', '101%', /must be from 0% to 100%/],
  ] as const) {
    const { code, stderr } = await run(setConfig, { key, value });
    assert.notEqual(code, 0, key);
    assert.match(stderr, reason);
  }
});

test('who has broken the files of a hub that runs can ask it all the same, and is told what is wrong with a change', async () => {
  const before = readFileSync(file, 'utf8');
  writeFileSync(file, before.replace('  stomp: {', '  stomp: { max_headrs: 12,'));
  assert.equal((await run(listModules, {})).code, 0);
  const { code, stderr } = await run(changeModule, { name: 'stomp', action: 'disable' });
  assert.notEqual(code, 0);
  assert.match(stderr, /gateways\.stomp\.max_headrs: unknown key; did you mean max_headers/);
  writeFileSync(file, before);
  assert.deepEqual(await run(changeModule, { name: 'stomp', action: 'disable' }), OK);
});
