import assert from 'node:assert/strict';
import { type SpawnSyncReturns, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';
import { inRoot } from './paths.js';
import { version } from './version.js';

const directory = mkdtempSync(join(tmpdir(), 'portico-'));
after(() => rmSync(directory, { recursive: true }));

const PORTICO = inRoot('bin', 'portico');

interface RunOptions {
  readonly command?: string;
  readonly env?: NodeJS.ProcessEnv;
  readonly input?: string;
}

/** Runs the real command, with nothing of the caller's environment but the way to Node.js. */
function run(
  args: readonly string[],
  { command = PORTICO, env = {}, input = '' }: RunOptions = {},
): SpawnSyncReturns<string> {
  const path = `${dirname(process.execPath)}:/usr/bin:/bin`;
  return spawnSync(command, args, { env: { PATH: path, ...env }, input, encoding: 'utf8', cwd: directory });
}

function configFile(text: string): string {
  const file = join(directory, 'test.yaml');
  writeFileSync(file, text);
  return file;
}

test('version and --version print the version', () => {
  for (const argument of ['version', '--version']) {
    const { stdout, status } = run([argument]);
    assert.equal(stdout, `${version()}\n`);
    assert.equal(status, 0);
  }
});

test('check-config says that a configuration is good', () => {
  const file = configFile('log: { level: debug }\ngateways: { exproto: {} }\n');
  const { stdout, stderr, status } = run(['check-config', '-c', file]);
  assert.equal(stdout, `${file}: ok\n`);
  assert.equal(stderr, 'gateways.exproto: not part of this version, ignored\n');
  assert.equal(status, 0);
});

test('check-config says all that is wrong, environment included, with exit code 1', () => {
  const file = configFile('log:\n  levle: debug\n');
  const { stdout, stderr, status } = run(['check-config', '--config', file], {
    env: { PORTICO_LOG_LEVEL: 'debug' },
  });
  assert.equal(stdout, '');
  assert.deepEqual(stderr.trimEnd().split('\n'), [
    `${file}:2:3: log.levle: unknown key; did you mean level?`,
    'PORTICO_LOG_LEVEL: names no key; did you mean PORTICO_LOG__LEVEL?',
    'the configuration is wrong: 2 problems',
    'Correct the keys named and start again.',
  ]);
  assert.equal(status, 1);
});

test('what is no YAML is to be corrected by lines, not keys', () => {
  const { stderr, status } = run(['check-config', '-c', configFile('log: level: info\n')]);
  assert.match(stderr, /the configuration is no YAML: 1 problem\nCorrect the lines named;/);
  assert.equal(status, 1);
});

test('a key of another gateway, one of a later one, and a listener without an address are told of', () => {
  const { stderr } = run(['check-config', '-c', configFile(MISTAKES)]);
  const expected = [
    'gateways.mqtt.listeners.tcp.a.bind: is missing; expected a port, or address and port such as 127.0.0.1:1883 or 1883',
    'gateways.tcp.max_qos_allowed: unknown key; it is a key of gateways.mqtt',
    'gateways.stmop: unknown key; did you mean stomp? allowed here: mqtt, mqttsn, coap, lwm2m, lwm2mbootstrap, stomp, jt808, tcp, gbt32960',
    'access.acl[0].topics: "sensors/#" is not allowed; expected a list: [sensors/#]',
  ];
  assert.deepEqual(
    stderr
      .split('\n')
      .slice(0, expected.length)
      .map((line) => line.replace(/^.*?:\d+:\d+: /, '')),
    expected,
  );
});

const MISTAKES = `gateways:
  mqtt: { listeners: { tcp: { a: { backlog: 9 } } } }
  tcp: { max_qos_allowed: 1 }
  stmop: { enable: true }
access:
  acl: [{ permit: allow, topics: sensors/# }]
`;

test('without -c, config/portico.yaml of the installation is used, wherever the command is called', () => {
  const { stdout, status } = run(['check-config']);
  assert.equal(stdout, `${inRoot('config', 'portico.yaml')}: ok\n`);
  assert.equal(status, 0);
});

test('a file that cannot be read gives what happened and what to do, for start too', () => {
  for (const command of ['check-config', 'start']) {
    const { stdout, stderr, status } = run([command, '-c', 'not-there.yaml']);
    assert.equal(stdout, '');
    assert.equal(
      stderr,
      'the configuration file cannot be read: not-there.yaml: no such file\nCheck the path given with -c and its permissions.\n',
    );
    assert.equal(status, 1);
  }
});

test('hash-password prints a hash of the password on standard input', () => {
  const { stdout, status } = run(['hash-password'], { input: 'hunter2\n' });
  assert.match(stdout, /^\$scrypt\$ln=14,r=8,p=1\$[^$]+\$[^$]+\n$/);
  assert.equal(status, 0);
});

test('hash-password makes hashes for SCRAM, by SHA-256 unless told otherwise', () => {
  const cases: readonly [args: readonly string[], begins: string][] = [
    [['--scram'], '$scram-sha-256$4096$'],
    [['--scram', 'SCRAM-SHA-512'], '$scram-sha-512$4096$'],
    [['--iterations', '10000'], '$scram-sha-256$10000$'],
    [['--scram', 'SCRAM-SHA-1', '--iterations', '10000'], '$scram-sha-1$10000$'],
  ];
  for (const [args, begins] of cases) {
    const { stdout, status } = run(['hash-password', ...args], { input: 'hunter2\n' });
    assert.equal(stdout.slice(0, begins.length), begins);
    assert.equal(status, 0);
  }
  const { stderr, status } = run(['hash-password', '--iterations', 'many'], { input: 'hunter2\n' });
  assert.match(stderr, /4096 to 1000000 iterations/);
  assert.equal(status, 2);
});

test('an unknown command is answered with the nearest one', () => {
  const { stderr, status } = run(['check-confg']);
  assert.match(stderr, /Did you mean check-config\?/);
  assert.equal(status, 2);
});

test('a state that no client can be in is answered with those there are', () => {
  const { stderr, status } = run(['clients', 'list', '--state', 'sleeping']);
  assert.match(
    stderr,
    /'sleeping' is invalid\. Allowed choices are connected, disconnected, active, asleep,/,
  );
  assert.equal(status, 2);
});

test('a wrong option of a simulator ends like one of any other command', () => {
  for (const args of [['nix'], ['jt808', '--nix'], ['jt808', '--rate', 'many']])
    assert.equal(run(['simulate', ...args]).status, 2, args.join(' '));
});

test('help names the commands, and not the one for developers', () => {
  const { stdout } = run(['--help']);
  for (const command of ['start', 'check-config', 'hash-password', 'version'])
    assert.ok(stdout.includes(command));
  assert.ok(!stdout.includes('generate'));
});

test('the command may be linked to from anywhere, by links of links', () => {
  mkdirSync(join(directory, 'links'));
  symlinkSync(PORTICO, join(directory, 'links', 'first'));
  symlinkSync('links/first', join(directory, 'portico'));
  assert.equal(run(['version'], { command: join(directory, 'portico') }).stdout, `${version()}\n`);
});

/** A PATH in which `node` says that it is this version, with the few tools that the script needs. */
function pathWithNode(nodeVersion: string): string {
  const bin = mkdtempSync(join(directory, 'bin-'));
  for (const tool of ['dirname', 'readlink']) symlinkSync(join('/usr/bin', tool), join(bin, tool));
  writeFileSync(join(bin, 'node'), `#!/bin/sh\necho ${nodeVersion}\n`, { mode: 0o755 });
  return bin;
}

/** An installation without a Node.js of its own, or with one that says what it is asked. */
function installation(): string {
  const root = mkdtempSync(join(directory, 'root-'));
  mkdirSync(join(root, 'bin'));
  writeFileSync(join(root, 'bin', 'portico'), readFileSync(PORTICO), { mode: 0o755 });
  return root;
}

test('where no Node.js is new enough, the command says which is needed and how to get it', () => {
  const command = join(installation(), 'bin', 'portico');
  for (const nodeVersion of ['v18.20.4', 'v20.18.9', 'nonsense']) {
    const { stderr, status } = run(['version'], { command, env: { PATH: pathWithNode(nodeVersion) } });
    assert.match(
      stderr,
      /^Portico needs Node\.js 20\.19 or newer: install it, or run 'make setup' in /,
      nodeVersion,
    );
    assert.equal(status, 1);
  }
});

test('a Node.js that make setup brought along takes the place of one that is too old', () => {
  const root = installation();
  mkdirSync(join(root, '.portico/node/bin'), { recursive: true });
  mkdirSync(join(root, 'cli/dist'), { recursive: true });
  writeFileSync(join(root, 'cli/dist/main.js'), '');
  const own =
    '#!/bin/sh\n[ "$1" = --version ] && echo v24.1.0 || { for word; do :; done; echo "own node: $word"; }\n';
  writeFileSync(join(root, '.portico/node/bin/node'), own, { mode: 0o755 });
  const { stdout } = run(['hello'], {
    command: join(root, 'bin', 'portico'),
    env: { PATH: pathWithNode('v18.20.4') },
  });
  assert.equal(stdout, 'own node: hello\n');
});

test('an installation that was not built says so', () => {
  const { stderr, status } = run(['version'], {
    command: join(installation(), 'bin', 'portico'),
    env: { PATH: pathWithNode('v20.19.0') },
  });
  assert.match(stderr, /^Portico has not been built yet: run 'make build' in /);
  assert.equal(status, 1);
});

test('a configuration with which nothing would listen is refused', () => {
  const names = ['mqtt', 'mqttsn', 'coap', 'lwm2m', 'stomp', 'jt808', 'tcp', 'gbt32960'].map((name) => [
    `PORTICO_GATEWAYS__${name.toUpperCase()}__ENABLE`,
    'false',
  ]);
  const { stderr, status } = run(['check-config'], { env: Object.fromEntries(names) });
  assert.equal(status, 1);
  assert.match(stderr, /gateways: nothing listens: enable a gateway, and one of its listeners/);
});

test('two listeners with one address are refused, with the name of the other', () => {
  const file = configFile(
    'gateways:\n  mqtt:\n    listeners:\n      tcp: { a: { bind: 4711 }, b: { bind: 4711 } }\n  coap:\n    listeners: { udp: { c: { bind: 4711 } }, dtls: { d: { bind: 4711, keyfile: k } } }\n',
  );
  const { stderr, status } = run(['check-config', '-c', file]);
  assert.equal(status, 1);
  assert.match(
    stderr,
    /:4:\d+: gateways\.mqtt\.listeners\.tcp\.b\.bind: .*the address is that of the listener mqtt:tcp:a/,
  );
  assert.match(
    stderr,
    /:6:\d+: gateways\.coap\.listeners\.dtls\.d\.bind: .*the address is that of the listener coap:udp:c/,
  );
  assert.match(stderr, /the configuration is wrong: 2 problems/);
});

test('so is a management API at the address of a listener', () => {
  const file = configFile(
    'management: { bind: 4711 }\ngateways:\n  coap: { listeners: { udp: { c: { bind: 4711 } } } }\n  tcp: { listeners: { tcp: { d: { bind: 4711 } } } }\n',
  );
  const { stderr, status } = run(['check-config', '-c', file]);
  assert.equal(status, 1);
  assert.match(stderr, /:1:\d+: management\.bind: .*the address is that of the listener tcp:tcp:d/);
  assert.match(stderr, /the configuration is wrong: 1 problem/);
});
