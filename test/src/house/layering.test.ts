import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const SOURCES = [
  'codecs/*/src',
  'transports/*/src',
  'core/src',
  'gateways/*/src',
  'simulators/src',
  'cli/src',
  'test/src',
  'bench/src',
];

interface Violation {
  readonly rule: string;
  readonly from: string;
  readonly to: string;
}

interface CruiseOutput {
  readonly summary: {
    readonly totalCruised: number;
    readonly violations: readonly {
      readonly from: string;
      readonly to: string;
      readonly rule: { readonly name: string };
    }[];
  };
}

/** What dependency-cruiser says about the rooms of the tree at `root`, by the project's rules. */
async function cruise(root: string): Promise<{ modules: number; violations: Violation[] }> {
  const program = join(ROOT, 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs');
  const config = join(root, '.dependency-cruiser.cjs');
  const options = ['--config', config, '--output-type', 'json', '--progress', 'none', ...SOURCES];
  const stdout = await new Promise<string>((resolve) => {
    // Ends with the number of violations as its status.
    execFile(process.execPath, [program, ...options], { cwd: root, maxBuffer: 2 ** 28 }, (_, output) =>
      resolve(output),
    );
  });
  const { summary } = JSON.parse(stdout) as CruiseOutput;
  const violations = summary.violations.map(({ rule, from, to }) => ({ rule: rule.name, from, to }));
  return { modules: summary.totalCruised, violations };
}

/** The packages of the fixture tree: folder, name, dependencies, dev-dependencies. */
const PACKAGES: readonly (readonly [folder: string, name: string, dependencies: string[], dev: string[]])[] =
  [
    ['codecs/frame', '@portico/frame', [], []],
    ['codecs/mqtt', '@portico/codec-mqtt', ['@portico/frame'], ['oracle']],
    ['codecs/coap', '@portico/codec-coap', ['@portico/frame'], []],
    ['transports/dtls', '@portico/dtls', ['@portico/frame'], []],
    ['core', '@portico/core', ['@portico/dtls'], []],
    [
      'gateways/mqtt',
      '@portico/gateway-mqtt',
      ['@portico/core', '@portico/codec-mqtt', '@portico/frame'],
      [],
    ],
    [
      'gateways/coap',
      '@portico/gateway-coap',
      ['@portico/core', '@portico/codec-coap', '@portico/frame'],
      [],
    ],
    ['simulators', '@portico/simulators', ['@portico/core', '@portico/codec-mqtt'], []],
    ['cli', '@portico/cli', ['@portico/core', '@portico/gateway-mqtt', '@portico/codec-mqtt'], []],
    ['test', '@portico/test', [], ['@portico/core', '@portico/cli', '@portico/codec-coap', 'oracle']],
    ['bench', '@portico/bench', [], ['@portico/codec-mqtt']],
  ];

/** Files that keep every rule: one that imports from each place it may. */
const LAWFUL: Readonly<Record<string, string>> = {
  'codecs/mqtt/src/codec.ts': "import type { X } from '@portico/frame';\nexport type Y = X;\n",
  'codecs/mqtt/src/codec.test.ts': "import 'oracle';\nimport 'node:fs';\nimport './codec.js';\n",
  'gateways/mqtt/src/gateway.test.ts': "import '@portico/core/testing';\n",
  'gateways/mqtt/src/gateway.ts':
    "import '@portico/core';\nimport '@portico/codec-mqtt';\nimport '@portico/frame';\n",
  'transports/dtls/src/record.ts': "import type { X } from '@portico/frame';\nexport type Y = X;\n",
  'core/src/door.ts': "import '@portico/dtls';\n",
  'core/src/ring.ts': "import type { Y } from './link.js';\nexport type X = Y;\n",
  'core/src/link.ts': "import './ring.js';\nexport type Y = 1;\n",
  'simulators/src/device.ts': "import '@portico/core';\nimport '@portico/codec-mqtt';\n",
  'cli/src/main.ts': "import '@portico/core';\nimport '@portico/gateway-mqtt';\n",
  'test/src/all.ts': "import '@portico/core';\nimport '@portico/cli';\nimport 'oracle';\n",
  'bench/src/main.ts': "import '@portico/codec-mqtt';\nimport 'node:net';\n",
};

/** One file for each way to break the layers, and what must be said about it. */
const BROKEN: readonly (readonly [rule: string, from: string, text: string, to: string])[] = [
  ['codec-is-alone', 'codecs/mqtt/src/a.ts', "import '@portico/core';", 'core/dist/index.d.ts'],
  [
    'codec-is-alone',
    'codecs/mqtt/src/b.ts',
    "import type { X } from '@portico/codec-coap';\nexport type Y = X;",
    'codecs/coap/dist/index.d.ts',
  ],
  ['codecs-and-transports-are-pure', 'codecs/mqtt/src/c.ts', "import 'node:net';", 'net'],
  ['codecs-and-transports-are-pure', 'transports/dtls/src/a.ts', "import 'node:dgram';", 'dgram'],
  ['transport-is-alone', 'transports/dtls/src/b.ts', "import '@portico/core';", 'core/dist/index.d.ts'],
  [
    'core-is-alone',
    'core/src/a.ts',
    "import type { X } from '@portico/frame';\nexport type Y = X;",
    'codecs/frame/dist/index.d.ts',
  ],
  [
    'gateway-knows-core-and-its-codec',
    'gateways/mqtt/src/a.ts',
    "import '@portico/gateway-coap';",
    'gateways/coap/dist/index.d.ts',
  ],
  [
    'gateway-knows-core-and-its-codec',
    'gateways/coap/src/a.ts',
    "import '@portico/codec-mqtt';",
    'codecs/mqtt/dist/index.d.ts',
  ],
  [
    'simulators-know-codecs',
    'simulators/src/a.ts',
    "import '@portico/gateway-mqtt';",
    'gateways/mqtt/dist/index.d.ts',
  ],
  ['cli-takes-products', 'cli/src/a.ts', "import '@portico/test';", 'test/dist/index.d.ts'],
  ['by-the-front-door', 'cli/src/b.ts', "import '../../core/src/index.js';", 'core/src/index.ts'],
  ['by-the-front-door', 'test/src/a.ts', "import '../../core/dist/inner.js';", 'core/dist/inner.js'],
  ['ship-what-you-import', 'codecs/mqtt/src/d.ts', "import 'oracle';", 'node_modules/oracle/index.js'],
  ['tests-are-leaves', 'core/src/b.ts', "import './some.test.js';", 'core/src/some.test.ts'],
  [
    'tests-are-leaves',
    'gateways/mqtt/src/b.ts',
    "import '@portico/core/testing';",
    'core/dist/testing/index.d.ts',
  ],
  ['tests-are-leaves', 'core/src/c.ts', "import './testing/help.js';", 'core/src/testing/help.ts'],
  ['no-cycle', 'core/src/d.ts', "import './e.js';", 'core/src/e.ts'],
  ['resolvable', 'core/src/f.ts', "import './nowhere.js';", './nowhere.js'],
];

/** What the files of {@link BROKEN} need beside them. */
const BESIDE: Readonly<Record<string, string>> = {
  'core/src/some.test.ts': 'export {};\n',
  'core/src/testing/help.ts': 'export {};\n',
  'core/src/e.ts': "import './d.js';\n",
};

let fixture = '';

function write(path: string, text: string): void {
  const file = join(fixture, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}

function link(name: string, target: string): void {
  const path = join(fixture, 'node_modules', name);
  mkdirSync(dirname(path), { recursive: true });
  symlinkSync(target, path);
}

/** An entry of a package's exports. */
function door(file: string): object {
  return { types: `./dist/${file}.d.ts`, default: `./dist/${file}.js` };
}

function versions(names: readonly string[]): Record<string, string> {
  return Object.fromEntries(names.map((name) => [name, '1.0.0']));
}

before(() => {
  fixture = realpathSync(mkdtempSync(join(tmpdir(), 'portico-layers-')));
  cpSync(join(ROOT, '.dependency-cruiser.cjs'), join(fixture, '.dependency-cruiser.cjs'));
  write('package.json', JSON.stringify({ name: 'fixture', type: 'module' }));
  for (const [folder, name, dependencies, devDependencies] of PACKAGES) {
    const exports = { '.': door('index'), './testing': door('testing/index') };
    const lists = { dependencies: versions(dependencies), devDependencies: versions(devDependencies) };
    write(`${folder}/package.json`, JSON.stringify({ name, type: 'module', exports, ...lists }));
    write(`${folder}/src/index.ts`, 'export {};\n');
    for (const file of ['index', 'inner', 'testing/index']) {
      write(`${folder}/dist/${file}.js`, 'export {};\n');
      write(`${folder}/dist/${file}.d.ts`, 'export {};\n');
    }
    link(name, join(fixture, folder));
  }
  write('node_modules/oracle/package.json', JSON.stringify({ name: 'oracle', main: 'index.js' }));
  write('node_modules/oracle/index.js', '');
  for (const [path, text] of Object.entries(LAWFUL)) write(path, text);
});

after(() => rmSync(fixture, { recursive: true, force: true }));

test('the layers of this tree are kept', async () => {
  const { modules, violations } = await cruise(ROOT);
  assert.deepEqual(violations, []);
  assert.ok(modules > 40, `only ${modules} modules were looked at`);
});

test('a lawful tree has no violation, and each forbidden import is reported under its rule', async () => {
  assert.deepEqual((await cruise(fixture)).violations, []);
  for (const [path, text] of Object.entries(BESIDE)) write(path, text);
  for (const [, path, text] of BROKEN) write(path, `${text}\n`);
  const { violations } = await cruise(fixture);
  const inOrder = (list: readonly Violation[]) => list.map((v) => `${v.rule}: ${v.from} → ${v.to}`).sort();
  assert.deepEqual(inOrder(violations), inOrder(BROKEN.map(([rule, from, , to]) => ({ rule, from, to }))));
});
