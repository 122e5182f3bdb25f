import assert from 'node:assert/strict';
import { test } from 'node:test';
import { VirtualClock } from './clock.js';
import { createLogger } from './hub-logger.js';
import { LineLimit, LineLimits } from './line-limit.js';

function setUp() {
  const clock = new VirtualClock();
  const lines: string[] = [];
  const log = createLogger({
    level: 'info',
    format: 'text',
    output: { write: (line) => void lines.push(line.replace(/^.*?: /, '').trim()) },
  });
  return { clock, log, lines };
}

test('after the first few lines there is one a second, which tells of those left out', () => {
  const { clock, log, lines } = setUp();
  const limit = new LineLimit(log, clock);
  for (let i = 0; i < 100; i++) limit.write('warn', { i }, 'flood');
  assert.deepEqual(
    lines,
    Array.from({ length: 10 }, (_, i) => `flood i=${i}`),
  );
  clock.advance(1_000);
  for (let i = 0; i < 100; i++) limit.write('warn', { i }, 'flood');
  assert.deepEqual(lines.slice(10), ['flood i=0 unlogged=90']);
});

test('lines below the log level cost nothing', () => {
  const { clock, log, lines } = setUp();
  const limit = new LineLimit(log, clock);
  for (let i = 0; i < 100; i++) limit.write('debug', {}, 'hidden');
  limit.write('info', {}, 'shown');
  assert.deepEqual(lines, ['shown']);
});

test('a flood of one key leaves room for the lines of another', () => {
  const { clock, log, lines } = setUp();
  const limits = new LineLimits(log, clock);
  for (let i = 0; i < 100; i++) limits.of('a').write('warn', {}, 'a');
  limits.of('b').write('warn', {}, 'b');
  assert.equal(lines.length, 11);
  assert.equal(lines.at(-1), 'b');
});
