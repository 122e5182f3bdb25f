import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { silentLogger, WireTap } from '@portico/core';
import { TestHub } from '@portico/core/testing';
import { TestApi, temporaryFolder } from '../testing/index.js';
import { TraceFile } from './trace.js';
import { Traces } from './traces.js';

test('a file takes lines until it is full, those that it had before counted', async () => {
  const path = join(await temporaryFolder(), 'a.ndjson');
  const file = new TraceFile(path, 10, assert.fail, 26);
  assert.deepEqual([file.write({ n: 1 }), file.write({ n: 2 }), file.write({ n: 3 })], [true, true, false]);
  await file.close();
  assert.equal(readFileSync(path, 'utf8'), '{"n":1}\n{"n":2}\n');
  assert.equal(file.size, 26);
});

test('a trace that is not over goes on after a restart', async () => {
  const first = await TestApi.start();
  await first.ask('POST', '/trace', { name: 'n', type: 'clientid', condition: 'a' });
  await first.stop();
  const second = await TestApi.start({}, { dataDir: first.dataDir });
  assert.equal((await second.get('/trace/n')).body.data.status, 'running');
  assert.equal(second.wire.watched, true);
});

test('a trace that is made while two are deleting an earlier one of its name stays', async () => {
  const { engine, clock } = new TestHub();
  const wire = new WireTap(clock);
  const traces = new Traces({ dataDir: await temporaryFolder(), wire, engine, log: silentLogger });
  const now = clock.now();
  const spec = { name: 'n', type: 'clientid', condition: 'a', start: now, end: now + 60_000 } as const;
  traces.add(spec);
  const first = traces.remove('n');
  await traces.remove('n');
  traces.add(spec);
  await first;
  assert.equal(traces.view('n').status, 'running');
  await traces.remove('n');
  assert.equal(wire.watched, false);
});
