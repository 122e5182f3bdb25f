import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { MAX_XML_LENGTH } from '@portico/codec-lwm2m';
import { type Logger, silentLogger } from '@portico/core';
import { checkObjectFolder, loadObjectModel } from './load-object-model.js';

let folder = '';
let warnings: unknown[][] = [];
const log: Logger = { ...silentLogger, warn: (...line: unknown[]) => void warnings.push(line) };

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'portico-objects-'));
  warnings = [];
});
afterEach(() => rmSync(folder, { recursive: true }));

function objectXml(id: number, version: string, name: string): string {
  return `<LWM2M><Object ObjectType="MODefinition">
<Name>${name}</Name><ObjectID>${id}</ObjectID><ObjectVersion>${version}</ObjectVersion>
<MultipleInstances>Single</MultipleInstances><Mandatory>Optional</Mandatory>
<Resources><Item ID="1"><Name>State</Name><Operations>R</Operations><MultipleInstances>Single</MultipleInstances>
<Mandatory>Mandatory</Mandatory><Type>Integer</Type></Item></Resources></Object></LWM2M>`;
}

/** Writes a file of the folder. @returns its path */
function put(name: string, text: string | Buffer): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

test('without a folder the shipped definitions are known', () => {
  const model = loadObjectModel(undefined, log);
  assert.equal(model.size, 424);
  assert.equal(model.resource([3, 0, 13])?.name, 'Current Time');
  assert.equal(model.typeOf([3303, 0, 5700])?.type, 'float');
  assert.equal(model.resource([5, 0, 0], '1.0')?.operations, 'W');
});

test('objects of the folder, and of folders in it, stand beside the shipped ones', () => {
  put('valve.xml', objectXml(40_000, '1.0', 'Valve'));
  mkdirSync(join(folder, 'version_history'));
  put('version_history/valve.XML', objectXml(40_000, '0.9', 'Old valve'));
  put('README.md', '# no XML');
  const model = loadObjectModel(folder, log);
  assert.deepEqual(model.versionsOf(40_000), ['0.9', '1.0']);
  assert.equal(model.size, 426);
  assert.deepEqual(warnings, []);
});

test('an object of the folder wins over the shipped one of the same version, and leaves the others', () => {
  put('device.xml', objectXml(3, '1.1', 'My device'));
  const model = loadObjectModel(folder, log);
  assert.equal(model.size, 424);
  assert.equal(model.find(3, '1.1')?.name, 'My device');
  assert.equal(model.find(3, '1.2')?.name, 'Device');
});

test('a wrong file is named with line and reason in one line and left out, the others are read', () => {
  const wrong = put('a.xml', objectXml(40_000, 'new', 'Valve'));
  put('b.xml', objectXml(40_001, '1.0', 'Pump'));
  const model = loadObjectModel(folder, log);
  const reason = '<ObjectVersion> is "new", not two numbers such as 1.0';
  assert.deepEqual(warnings, [[{ file: wrong, line: 2, reason }, 'this object definition file is left out']]);
  assert.equal(model.find(40_000), undefined);
  assert.equal(model.find(40_001)?.name, 'Pump');
});

test('a file that is no text, too long, or a folder is left out like any wrong one', () => {
  mkdirSync(join(folder, 'a.xml'));
  put('b.xml', Buffer.from([0x3c, 0xff, 0xfe]));
  put('c.xml', ' '.repeat(MAX_XML_LENGTH + 1));
  loadObjectModel(folder, log);
  assert.deepEqual(
    warnings.map(([fields]) => (fields as { reason: string }).reason),
    ['it is a directory', 'it is not UTF-8 text', 'it is longer than 1048576 bytes'],
  );
});

test('of two files that define the same version differently the later one counts, and the log says so', () => {
  const first = put('a.xml', objectXml(40_000, '1.0', 'Valve'));
  const second = put('b.xml', objectXml(40_000, '1.0', 'Tap'));
  put('c.xml', objectXml(40_000, '1.0', 'Tap'));
  assert.equal(loadObjectModel(folder, log).find(40_000)?.name, 'Tap');
  assert.deepEqual(warnings, [
    [
      { object: 40_000, version: '1.0', file: second, instead_of: first },
      'two files define this version of the object differently',
    ],
  ]);
});

test('a folder that cannot be read is an error of the configuration', () => {
  const file = put('a.xml', '');
  for (const [path, reason] of [
    [join(folder, 'none'), 'no such folder'],
    [file, 'it is no folder'],
  ] as const) {
    const expected = {
      code: 'PORTICO_ERR_OBJECT_FILES',
      message: `the object definition files cannot be read: ${path} (gateways.lwm2m.xml_dir): ${reason}`,
    };
    assert.throws(() => loadObjectModel(path, log), expected);
    assert.throws(() => checkObjectFolder(path), expected);
  }
});

test('a folder that can be read, or none, is no fault', () => {
  checkObjectFolder(undefined);
  checkObjectFolder(folder);
});
