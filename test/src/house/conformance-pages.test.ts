import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { test } from 'node:test';

const PAGES = new URL('../../../docs/conformance/', import.meta.url);
const MQTT_SN_TESTS = new URL('../../../gateways/mqttsn/src/', import.meta.url);
const STOMP_TESTS = ['../../../codecs/stomp/src/', '../../../gateways/stomp/src/'];

/** A test, or a vector that is one, that a page names: where its file is, seen from the page, and its name. */
interface NamedTest {
  readonly path: string;
  readonly name: string;
}

/** The tests of a page: in the last cell of a row, one to a line. */
async function testsOf(page: string): Promise<NamedTest[]> {
  const text = await readFile(new URL(page, PAGES), 'utf8');
  const rows = text.split('\n').filter((line) => line.startsWith('| '));
  const cells = rows.map((row) => row.slice(row.lastIndexOf(' | ') + 3, -2));
  const linked = cells.filter((cell) => cell.startsWith('['));
  return linked.flatMap((cell) => cell.split('<br>')).map(namedTest);
}

function namedTest(text: string): NamedTest {
  const [, path = '', name = ''] = /^\[\S+\]\((\S+)\): (.+)$/.exec(text) ?? [];
  return { path, name };
}

for (const page of ['coap.md', 'dtls.md', 'field-notes.md', 'lwm2m.md', 'mqtt-sn.md', 'stomp.md']) {
  test(`each test that docs/conformance/${page} names is in its file`, async () => {
    const named = await testsOf(page);
    assert.ok(named.length > 10);
    for (const { path, name } of named) {
      const source = await readFile(new URL(path, PAGES), 'utf8');
      const written = path.endsWith('.json') ? `"name": "${name}"` : `test('${name}'`;
      assert.ok(source.includes(written), `${path}: ${name}`);
    }
  });
}

test('docs/conformance/mqtt-sn.md names every test of the gateway that is about a section', async () => {
  const named = new Set((await testsOf('mqtt-sn.md')).map(({ name }) => name));
  const sources = await testFilesOf(MQTT_SN_TESTS);
  const tests = sources.flatMap((source) => [...source.matchAll(/^test\('(§.+?)', /gm)]);
  assert.ok(tests.length > 30);
  assert.deepEqual(
    tests.map(([, name = '']) => name).filter((name) => !named.has(name)),
    [],
  );
});

test('docs/conformance/stomp.md names every test of the codec and the gateway', async () => {
  const named = new Set((await testsOf('stomp.md')).map(({ name }) => name));
  const folders = STOMP_TESTS.map((folder) => new URL(folder, import.meta.url));
  const sources = (await Promise.all(folders.map(testFilesOf))).flat();
  const tests = sources.flatMap((source) => [...source.matchAll(/^test\('(.+?)', /gm)]);
  assert.ok(tests.length > 60);
  assert.deepEqual(
    tests.map(([, name = '']) => name).filter((name) => !named.has(name)),
    [],
  );
});

/** What the test files of a folder say. */
async function testFilesOf(folder: URL): Promise<string[]> {
  const files = (await readdir(folder)).filter((file) => file.endsWith('.test.ts'));
  return Promise.all(files.map((file) => readFile(new URL(file, folder), 'utf8')));
}
