import assert from 'node:assert/strict';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { after, test } from 'node:test';
import { CertificateFolder, connectionInfo } from '@portico/core/testing';
import { idleGateways, NODE, SECRET, TestApi } from '@portico/management/testing';
import { GATEWAYS } from '../gateways.js';
import { STATES } from '../groups/clients.js';
import type { ApiCommandOptions } from '../management-api.js';
import { runCommand } from '../testing.js';
import { kickClient, listClients, showClient } from './clients.js';
import { showStatus } from './status.js';

test('clients list shows gateway, client id, state, address and since when, as a table', async () => {
  const api = await TestApi.start();
  api.hub.client('a-sensor', {
    connection: connectionInfo('mqttsn', { peer: { host: '2001:db8::1', port: 4711 } }),
  });
  const away = api.hub.client('b', {
    sessionExpiry: 60,
    cleanStart: false,
    connection: connectionInfo('mqtt', { peer: { host: '192.0.2.1', port: 1 } }),
  });
  away.session.close('normal');
  const { code, stdout, stderr } = await runCommand(api, listClients, {});
  assert.deepEqual([code, stderr], [0, '']);
  const since = /\d{4}-\d\d-\d\d \d\d:\d\d:\d\d/.exec(stdout)?.[0];
  assert.deepEqual(stdout.split('\n'), [
    'CLIENT ID  GATEWAY  STATE         ADDRESS             CONNECTED SINCE',
    `a-sensor   mqttsn   connected     [2001:db8::1]:4711  ${since}`,
    'b          mqtt     disconnected  192.0.2.1:1         -',
    '',
  ]);
});

test('a client id cannot move the cursor', async () => {
  const api = await TestApi.start();
  api.hub.client('a\n\u001b[2Jb');
  for (const written of [
    (await runCommand(api, listClients, {})).stdout,
    (await runCommand(api, showClient, { clientId: 'a\n\u001b[2Jb' })).stdout,
  ]) {
    assert.ok(written.includes('a\\n\\x1b[2Jb'), written);
    assert.ok(!written.includes('\u001b'));
  }
});

test('a client that leaves while the list is printed hides none of those who stay', async () => {
  const api = await TestApi.start();
  for (let i = 0; i <= 1000; i++) api.hub.client(`c${i}`);
  const written: string[] = [];
  const stdout = new Writable({
    write(text, _, done) {
      written.push(String(text));
      api.hub.engine.kick('c0');
      done();
    },
  });
  const { code } = await runCommand(api, listClients, { stdout });
  assert.equal(code, 0);
  assert.match(written.join(''), /^c1000 /m);
});

test('clients list --json is one array, however many pages the list has', async () => {
  const api = await TestApi.start({ max_row_limit: 1000 });
  assert.deepEqual(JSON.parse((await runCommand(api, listClients, { json: true })).stdout), []);
  for (let number = 0; number < 2500; number++) api.hub.client(`client-${number}`);
  const { code, stdout } = await runCommand(api, listClients, { json: true });
  assert.equal(code, 0);
  const ids = JSON.parse(stdout).map(({ clientid }: { clientid: string }) => clientid);
  assert.equal(new Set(ids).size, 2500);
  assert.equal((await runCommand(api, listClients, {})).stdout.trimEnd().split('\n').length, 2501);
});

test('the states that clients list may be asked for are those that clients of gateways can be in', () => {
  const ofGateways = GATEWAYS.flatMap(({ states = [] }) => states);
  assert.deepEqual(new Set(STATES), new Set(['connected', 'disconnected', ...ofGateways]));
});

test('clients list by gateway, state, user and part of the client id', async () => {
  const api = await TestApi.start({}, { gateways: idleGateways('mqtt', 'coap') });
  api.hub.client('one', { username: 'ada', connection: connectionInfo('mqtt') });
  api.hub.client('two', { connection: connectionInfo('coap') });
  for (const [conditions, expected] of [
    [{ gateway: 'mqtt' }, ['one']],
    [{ state: 'connected' }, ['one', 'two']],
    [{ user: 'ada' }, ['one']],
    [{ like: 'w' }, ['two']],
    [{ like: '&_limit=0', state: 'connected' }, []],
  ] as const) {
    const { stdout } = await runCommand(api, listClients, { ...conditions, json: true });
    assert.deepEqual(
      JSON.parse(stdout).map(({ clientid }: { clientid: string }) => clientid),
      expected,
    );
  }
});

test('clients show tells all of one client, with a field on each line', async () => {
  const api = await TestApi.start();
  const client = api.hub.client('a/b c');
  Object.assign(client, { details: { plate: 'A12345' } });
  const { code, stdout } = await runCommand(api, showClient, { clientId: 'a/b c' });
  assert.equal(code, 0);
  assert.match(stdout, /^clientid +a\/b c$/m);
  assert.match(stdout, /^max_subscriptions +1000$/m);
  assert.match(stdout, /^details\.plate +A12345$/m);
  const { stdout: json } = await runCommand(api, showClient, { clientId: 'a/b c', json: true });
  assert.equal(JSON.parse(json).clientid, 'a/b c');
});

test('clients kick ends connection and session', async () => {
  const api = await TestApi.start();
  const client = api.hub.client('k');
  const { code, stdout } = await runCommand(api, kickClient, { clientId: 'k' });
  assert.deepEqual([code, stdout, client.detachedBy], [0, 'ok\n', 'kicked']);
  api.hub.client('k');
  assert.equal(
    (await runCommand(api, kickClient, { clientId: 'k', json: true })).stdout,
    '{"result":"ok"}\n',
  );
});

test('a client that there is not is told of, with exit code 1', async () => {
  const api = await TestApi.start();
  for (const command of [showClient, kickClient]) {
    const { code, stdout, stderr } = await runCommand(api, command, { clientId: 'nobody' });
    assert.deepEqual([code, stdout], [1, '']);
    assert.match(stderr, /^not found: there is no client "nobody"\n/);
  }
});

test('status says which version runs, since when, and with how many clients', async () => {
  const api = await TestApi.start();
  api.hub.client('a');
  api.hub.clock.advance(61_000);
  const { code, stdout } = await runCommand(api, showStatus, {});
  assert.equal(code, 0);
  assert.equal(
    stdout,
    `Node '${NODE}' is started\nPortico 1.2.3 is running\nSince 1 minutes, 1 seconds\n1 client connected, 1 session\n`,
  );
  assert.equal(JSON.parse((await runCommand(api, showStatus, { json: true })).stdout).node, NODE);
});

test('a hub that is starting or stopping is told of, with exit code 1', async () => {
  const api = await TestApi.start();
  api.running = false;
  const { code, stderr } = await runCommand(api, showStatus, {});
  assert.equal(code, 1);
  assert.match(stderr, /the hub is starting or stopping/);
});

test('--url and --app say where and as whom; without a hub in node.data_dir the configuration does', async () => {
  const api = await TestApi.start();
  const elsewhere = join(api.dataDir, 'elsewhere');
  const env = { PORTICO_NODE__DATA_DIR: elsewhere };
  const app = `admin:${SECRET}`;
  const configured = {
    ...env,
    PORTICO_MANAGEMENT__BIND: new URL(api.url).host,
    PORTICO_MANAGEMENT__DEFAULT_APPLICATION__SECRET: SECRET,
  };
  for (const options of [
    { env, url: `${api.url}/`, app },
    { env: configured },
    { env: configured, url: api.url },
    { app },
    { app: 'admin', secret: SECRET },
  ]) {
    assert.equal((await runCommand(api, showStatus, options)).code, 0);
  }
});

/** Where nobody listens. */
async function nowhere(): Promise<string> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return `http://127.0.0.1:${port}`;
}

const ADVICE =
  'Check that Portico runs, and as which user; or say where and as whom: --url, --app and --secret.';

test('what keeps a command from the API is told, with what to do', async () => {
  const api = await TestApi.start();
  const stranger = createServer((_, response) => response.end('<html>')).listen(0, '127.0.0.1');
  await once(stranger, 'listening');
  after(() => stranger.close());
  const elsewhere = join(api.dataDir, 'elsewhere');
  const strangerUrl = `http://127.0.0.1:${(stranger.address() as AddressInfo).port}`;
  const app = `admin:${SECRET}`;
  const cases: readonly (readonly [Partial<ApiCommandOptions>, RegExp])[] = [
    [
      { env: { PORTICO_NODE__DATA_DIR: elsewhere } },
      /: no hub that runs has left .*elsewhere.*, and neither --app nor management\.\S+ is given$/,
    ],
    [{ app: 'admin' }, /: --app is given without its secret$/],
    [{ secret: SECRET }, /: --secret is given without --app$/],
    [{ url: api.url, app: 'admin:guess' }, /http:\S+: wrong application id or secret$/],
    [{ url: await nowhere(), app }, /http:\S+: ECONNREFUSED$/],
    [{ url: 'nowhere', app }, /nowhere: /],
    [{ url: strangerUrl, app }, /does not answer as Portico does$/],
  ];
  for (const [options, expected] of cases) {
    const { code, stdout, stderr } = await runCommand(api, showStatus, options);
    assert.deepEqual([code, stdout], [3, '']);
    const [what = '', advice] = stderr.split('\n');
    assert.match(what, expected);
    assert.equal(advice, ADVICE);
  }
});

test('a hub that speaks HTTPS is trusted by what it has left, and elsewhere by --ca', async () => {
  const folder = new CertificateFolder();
  after(() => folder.remove());
  folder.authority('ca');
  folder.authority('stranger');
  folder.certificate('server', 'ca', '/CN=hub', ['hub.example']);
  folder.issue('elsewhere', 'ca', '/CN=other', 'subjectAltName=DNS:other.example\n');
  const start = (name: string) =>
    TestApi.start({
      tls: { enable: true, certfile: folder.file(`${name}.pem`), keyfile: folder.file(`${name}.key`) },
    });
  const api = await start('server');
  const { code, stdout, stderr } = await runCommand(api, listClients, {});
  assert.deepEqual([code, stderr], [0, '']);
  assert.match(stdout, /^CLIENT ID /);
  const given = { url: api.url, app: `admin:${SECRET}` };
  for (const ca of ['ca.pem', 'server.pem']) {
    assert.equal((await runCommand(api, listClients, { ...given, ca: folder.file(ca) })).code, 0);
  }
  const other = await start('elsewhere');
  const plain = await TestApi.start();
  const refused: readonly (readonly [Partial<ApiCommandOptions>, RegExp])[] = [
    [given, /https:\S+: its certificate is not trusted: .*--ca$/m],
    [{ ...given, ca: folder.file('stranger.pem') }, /https:\S+: its certificate is not trusted: .*--ca$/m],
    [{ ...given, url: other.url, ca: folder.file('ca.pem') }, /does not match certificate's altnames/],
    [{ ...given, ca: folder.file('none.pem') }, /none\.pem: no such file$/m],
    [{ ...given, ca: folder.file('server.key') }, /server\.key: there is no certificate in it$/m],
    [
      { ...given, url: api.url.replace('https', 'http') },
      /where it speaks HTTPS, the URL begins with https:/,
    ],
    [{ ...given, url: plain.url.replace('http', 'https') }, /it does not speak HTTPS: http:/],
  ];
  for (const [options, expected] of refused) {
    const result = await runCommand(api, listClients, options);
    assert.equal(result.code, 3);
    assert.match(result.stderr, expected);
  }
});

test('the secret that a hub has left for the command line is not sent elsewhere', async () => {
  const api = await TestApi.start();
  const { code, stderr } = await runCommand(api, showStatus, { url: await nowhere() });
  assert.equal(code, 3);
  assert.match(
    stderr,
    /: --url is given, and neither --app nor management\.default_application\.secret is given/,
  );
});

test('a hub that was killed has left a way that leads nowhere', async () => {
  const api = await TestApi.start();
  const left = JSON.stringify({ url: await nowhere(), id: '$cli', secret: 'x' });
  writeFileSync(join(api.dataDir, 'management.json'), left);
  const { code, stderr } = await runCommand(api, showStatus, {});
  assert.equal(code, 3);
  assert.match(stderr, /http:\S+: ECONNREFUSED/);
});

test('a wrong configuration is told first', async () => {
  const api = await TestApi.start();
  const { code, stderr } = await runCommand(api, showStatus, { env: { PORTICO_LOG__LEVEL: 'loud' } });
  assert.equal(code, 1);
  assert.match(stderr, /log\.level: "loud" is not allowed/);
  assert.match(stderr, /--url, --app and --secret\.\n$/);
});

test('a file that is no YAML any more does not hide the hub whose folder the environment tells', async () => {
  const api = await TestApi.start();
  const file = join(api.dataDir, 'broken.yaml');
  writeFileSync(file, 'foo: [\n');
  assert.deepEqual((await runCommand(api, showStatus, { file })).code, 0);
  const { code, stderr } = await runCommand(api, showStatus, { file, env: {} });
  assert.equal(code, 1);
  assert.match(stderr, /broken\.yaml:.*\n[\s\S]*--url, --app and --secret\.\n$/);
});
