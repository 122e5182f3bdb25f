import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { test } from 'node:test';
import { Random } from '../support/random.js';
import { fuzzTarget } from './campaign.js';
import { MAX_INPUT, nextInput } from './inputs.js';
import { codecTargets, type FuzzTarget, storeTarget, transportTargets } from './targets.js';

function brokenTarget(...corpus: string[]): FuzzTarget {
  const module = new URL('./testing/broken-target.js', import.meta.url).href;
  return { name: 'broken', module, corpus: corpus.map((text) => Buffer.from(text)) };
}

test('the same seed gives the same inputs, another seed others', () => {
  const corpus = [Buffer.from('some frame'), Buffer.from('another')];
  const inputs = (seed: number) => {
    const random = new Random(seed);
    return Array.from({ length: 200 }, () => nextInput(random, corpus).toString('hex'));
  };
  assert.deepEqual(inputs(7), inputs(7));
  assert.notDeepEqual(inputs(7), inputs(8));
});

test('inputs never outgrow their limit, and the corpus stays as it is', () => {
  const random = new Random(1);
  const corpus = [Buffer.alloc(MAX_INPUT, 1), Buffer.alloc(0)];
  const lengths = Array.from({ length: 2000 }, () => nextInput(random, corpus).length);
  assert.equal(Math.max(...lengths), MAX_INPUT);
  assert.ok(corpus[0]?.every((byte) => byte === 1));
});

test('a throwing target is found with the input that breaks it', async () => {
  const { inputs, failure } = await fuzzTarget(brokenTarget('throw', 'other'), {
    seed: 1,
    milliseconds: 20_000,
    hang: 20_000,
  });
  assert.match(failure?.reason ?? '', /the planted fault/);
  assert.ok(failure?.input.includes('throw'));
  assert.ok(inputs > 0 && inputs < 10_000);
});

test('a target that never returns is found with the input that it hangs on', async () => {
  const { failure } = await fuzzTarget(brokenTarget('hang'), { seed: 1, milliseconds: 60_000, hang: 1000 });
  assert.equal(failure?.reason, 'no end after 1000 ms');
  assert.ok(failure?.input.includes('hang'));
});

test('a target that eats memory dies alone, and its input is known', async () => {
  const { failure } = await fuzzTarget(brokenTarget('grow'), {
    seed: 1,
    milliseconds: 60_000,
    hang: 60_000,
  });
  assert.match(failure?.reason ?? '', /the process died: FATAL ERROR: .*memory/);
  assert.ok(failure?.input.includes('grow'));
});

test('a sound target is fed until the time is up', async () => {
  const outcome = await fuzzTarget(brokenTarget('fine'), { seed: 1, milliseconds: 100, hang: 20_000 });
  assert.equal(outcome.failure, undefined);
  assert.ok(outcome.inputs >= 32);
});

test('the recovery of the store finds its way through damaged files', async () => {
  const outcome = await fuzzTarget(storeTarget(), { seed: 1, milliseconds: 500, hang: 20_000 });
  assert.equal(outcome.failure, undefined);
  assert.ok(outcome.inputs >= 32);
});

/** What codecs are made of; it has no bytes of its own. */
const PARTS_OF_CODECS = ['frame', 'record'];

test('every codec has a fuzz target and vectors to start from', () => {
  const targets = codecTargets();
  const codecs = readdirSync(new URL('../../../codecs/', import.meta.url)).filter(
    (name) => !PARTS_OF_CODECS.includes(name),
  );
  const covers = (codec: string) => targets.some(({ module }) => module.includes(`/codecs/${codec}/`));
  assert.deepEqual(codecs.filter(covers), codecs);
  for (const { name, corpus } of targets) assert.ok(corpus.length > 10, `${name}: ${corpus.length} vectors`);
});

test('DTLS has fuzz targets for records and handshake messages, with vectors to start from', () => {
  const targets = transportTargets();
  assert.deepEqual(
    targets.map(({ name }) => name),
    ['dtls-handshake', 'dtls-records'],
  );
  for (const { name, corpus } of targets) assert.ok(corpus.length > 10, `${name}: ${corpus.length} vectors`);
});
