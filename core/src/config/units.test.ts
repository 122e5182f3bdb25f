import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { z } from 'zod';
import { byteRate, byteSize, duration, messageRate, parseByteSize, parseDuration, percent } from './units.js';

test('durations combine units, take fractions and round up', () => {
  const known: [string, number][] = [
    ['15s', 15_000],
    ['1h30m', 5_400_000],
    ['1s50ms', 1050],
    ['0.5d', 43_200_000],
    ['1w13ms', 604_800_013],
    ['1f', 1_209_600_000],
    ['0.0001s', 1],
  ];
  for (const [text, milliseconds] of known) assert.equal(parseDuration(text), milliseconds, text);
  for (const bad of ['', '15', 's', '15 s', '-1s', '1h 30m', '15x', '1.s'])
    assert.equal(parseDuration(bad), undefined, bad);
});

test('sizes count in powers of 1024 and mixed case is refused', () => {
  const known: [string, number][] = [
    ['100', 100],
    ['64KB', 65_536],
    ['1mb', 1_048_576],
    ['2GB', 2_147_483_648],
    ['1.5KB', 1536],
  ];
  for (const [text, bytes] of known) assert.equal(parseByteSize(text), bytes, text);
  for (const bad of ['', '1Kb', '1k', 'MB', '-1', '1 MB']) assert.equal(parseByteSize(bad), undefined, bad);
});

test('the schemas turn text into numbers and say what is allowed', () => {
  assert.equal(duration().parse('15s'), 15_000);
  assert.equal(duration().parse(0), 0);
  assert.equal(byteSize().parse(2048), 2048);
  assert.equal(byteSize().parse('1MB'), 1_048_576);
});

function messageFor(schema: z.ZodType, value: unknown): string | undefined {
  return schema.safeParse(value).error?.issues[0]?.message;
}

test('a value outside its bounds is refused, and 0 unless it stands for something', () => {
  const wait = duration({ from: '1s', to: '1h30m' });
  const orNever = duration({ from: '1s', to: '1h30m', orZero: true });
  for (const text of ['1s', '90m', '0.5h']) assert.equal(messageFor(wait, text), undefined, text);
  for (const value of ['999ms', '91m', '0s', 0, '99999999999999999999d']) {
    assert.equal(messageFor(wait, value), 'must be from 1s to 1h30m', String(value));
  }
  assert.equal(messageFor(wait, 'soon'), 'a duration from 1s to 1h30m');
  assert.equal(messageFor(orNever, 0), undefined);
  assert.equal(messageFor(orNever, '1ms'), 'must be from 1s to 1h30m, or 0');

  const size = byteSize({ from: '1KB', to: '1MB' });
  for (const value of ['1KB', '1MB', 1024]) assert.equal(messageFor(size, value), undefined);
  for (const value of [0, '0', 1023, '2MB']) assert.equal(messageFor(size, value), 'must be from 1KB to 1MB');
  for (const value of [-1, '-1', 1.5]) assert.equal(messageFor(size, value), 'a size from 1KB to 1MB');
});

test('a percentage is a number with its sign, from 0 to 100', () => {
  for (const [text, value] of [
    ['0%', 0],
    ['80%', 80],
    ['0.5%', 0.5],
    ['100%', 100],
  ] as const) {
    assert.equal(percent().parse(text), value);
  }
  for (const bad of ['80', '%', '-1%', '80 %', 80, '1e1%']) {
    assert.equal(messageFor(percent(), bad), 'a percentage from 0% to 100%, written with its %', String(bad));
  }
  assert.equal(messageFor(percent(), '100.1%'), 'must be from 0% to 100%');
});

test('a rate is a burst and its refill: 100KB,10s is 10,240 bytes a second and a burst of 102,400', () => {
  assert.deepEqual(byteRate().parse('100KB,10s'), { burst: 102_400, perSecond: 10_240 });
  assert.deepEqual(messageRate().parse('100,10s'), { burst: 100, perSecond: 10 });
  for (const bad of ['100', '100,', '0,1s', '1,0s', '1MB,1s', 'a,b', '1,1s,2', '1,25h', '9999999999999,1s']) {
    assert.match(messageRate().safeParse(bad).error?.issues[0]?.message ?? '', /such as/, bad);
  }
});
