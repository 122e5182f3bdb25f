import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Latencies, stampPayload } from './latency.js';

test('latencies are those since the reset, by rank', () => {
  const latencies = new Latencies();
  const sentAgo = (milliseconds: number) => {
    const payload = Buffer.alloc(8);
    payload.writeDoubleLE(performance.now() - milliseconds);
    return payload;
  };
  latencies.record(sentAgo(1e9));
  latencies.reset();
  for (let i = 0; i < 99; i++) latencies.record(sentAgo(1000));
  latencies.record(sentAgo(1e6));
  latencies.record(sentAgo(1e6));
  const { median, p99 } = latencies.summary;
  assert.equal(Math.round(median / 1000), 1);
  assert.equal(Math.round(p99 / 1e6), 1);
});

test('a payload is stamped with the present time', () => {
  const payload = Buffer.alloc(64, 'x');
  const before = performance.now();
  stampPayload(payload);
  assert.ok(payload.readDoubleLE() >= before);
  assert.equal(payload.toString('latin1', 8), 'x'.repeat(56));
});
