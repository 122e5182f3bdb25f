import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { VirtualClock } from '../runtime/clock.js';
import { isPromise, type MaybePromise } from '../runtime/maybe-promise.js';
import { PskKeys } from './psk-keys.js';
import { PskLookup, readPskFile } from './psk-lookup.js';

const folder = mkdtempSync(join(tmpdir(), 'portico-psk-'));
const file = join(folder, 'psk.txt');
after(() => rmSync(folder, { recursive: true }));

const bytes = (text: string) => Buffer.from(text);

/** Answers with `<identity>-key` whom it has, and notes who was asked for. */
class FakeAccess {
  readonly asked: string[] = [];
  readonly #known = new Set<string>();
  readonly #late: boolean;

  constructor(known: readonly string[], late = false) {
    this.#known = new Set(known);
    this.#late = late;
  }

  pskKey(identity: string): MaybePromise<Buffer | undefined> {
    this.asked.push(identity);
    const key = this.#known.has(identity) ? bytes(`${identity}-key`) : undefined;
    return this.#late ? Promise.resolve(key) : key;
  }
}

test('the file is asked first, then the sources', async () => {
  writeFileSync(file, 'one:file-key\n');
  const access = new FakeAccess(['one', 'two']);
  const lookup = new PskLookup(await PskKeys.read(file), access, new VirtualClock());
  assert.deepEqual(lookup.find('one'), bytes('file-key'));
  assert.deepEqual(lookup.find('two'), bytes('two-key'));
  assert.equal(lookup.find('three'), undefined);
  assert.deepEqual(access.asked, ['two', 'three']);
});

test('an answer that takes time is remembered for a minute, also that there is no key', async () => {
  const access = new FakeAccess(['one'], true);
  const clock = new VirtualClock();
  const lookup = new PskLookup(undefined, access, clock);
  assert.deepEqual(await lookup.find('one'), bytes('one-key'));
  assert.equal(await lookup.find('nobody'), undefined);
  assert.deepEqual(lookup.find('one'), bytes('one-key'));
  assert.equal(lookup.find('nobody'), undefined);
  assert.deepEqual(access.asked, ['one', 'nobody']);
  clock.advance(60_000);
  assert.ok(isPromise(lookup.find('one')));
});

test('an identity that many ask for is looked up once', async () => {
  const access = new FakeAccess(['one'], true);
  const lookup = new PskLookup(undefined, access, new VirtualClock());
  const answers = await Promise.all([lookup.find('one'), lookup.find('one')]);
  assert.deepEqual(answers, [bytes('one-key'), bytes('one-key')]);
  assert.deepEqual(access.asked, ['one']);
});

test('no more lookups at a time than a thousand, and no more answers remembered than ten thousand', async () => {
  const access = new FakeAccess([], true);
  const lookup = new PskLookup(undefined, access, new VirtualClock());
  for (let round = 0; round < 11; round++) {
    const lookups = Array.from({ length: 1000 }, (_, index) => lookup.find(`${round}-${index}`));
    assert.equal(lookup.find('one too many'), undefined);
    await Promise.all(lookups);
  }
  assert.equal(access.asked.length, 11_000);
  assert.ok(isPromise(lookup.find('0-999')), 'the oldest are forgotten');
  assert.equal(lookup.find('1-999'), undefined);
});

test('a reload reads the file anew and forgets answers, also those on their way', async () => {
  writeFileSync(file, 'one:old\n');
  const access = new FakeAccess([], true);
  const lookup = new PskLookup(await PskKeys.read(file), access, new VirtualClock());
  await lookup.find('two');
  const onItsWay = lookup.find('three');
  writeFileSync(file, 'one:new\n');
  await lookup.reload();
  await onItsWay;
  assert.deepEqual(lookup.find('one'), bytes('new'));
  for (const identity of ['two', 'three']) assert.ok(isPromise(lookup.find(identity)));
});

test('another file takes the place of the one before, and the sources are asked again', async () => {
  writeFileSync(file, 'one:file-key\n');
  const lookup = new PskLookup(undefined, new FakeAccess(['two']), new VirtualClock());
  assert.equal(lookup.find('one'), undefined);
  lookup.setFile(await readPskFile({ psk_file: file }));
  assert.deepEqual(lookup.find('one'), bytes('file-key'));
  assert.deepEqual(lookup.find('two'), bytes('two-key'));
  lookup.setFile(await readPskFile({ psk_file: undefined }));
  assert.equal(lookup.find('one'), undefined);
});
