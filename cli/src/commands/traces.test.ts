import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { test } from 'node:test';
import { connectionInfo } from '@portico/core/testing';
import { TestApi } from '@portico/management/testing';
import type { ApiCommandOptions } from '../management-api.js';
import { deleteTrace, downloadTrace, listTraces, showTrace, startTrace, stopTrace } from './traces.js';

async function run<Options extends ApiCommandOptions>(
  api: TestApi,
  command: (options: Options) => Promise<number>,
  given: Omit<Options, keyof ApiCommandOptions>,
) {
  const stdout = new PassThrough({ encoding: 'utf8' });
  const stderr = { text: '', write: (text: string) => (stderr.text += text) };
  const options = {
    ...{ file: undefined, env: { PORTICO_NODE__DATA_DIR: api.dataDir } },
    ...{ url: undefined, app: undefined, secret: undefined, ca: undefined, json: false },
    ...{ stdout, stderr, ...given },
  };
  const code = await command(options as unknown as Options);
  return { code, out: String(stdout.read() ?? ''), err: stderr.text };
}

test('a trace is started, listed, shown, stopped, downloaded and deleted by commands', async () => {
  const api = await TestApi.start();
  const name = 'one';
  const started = await run(api, startTrace, { type: 'client', condition: 'a', name });
  assert.deepEqual(started, { code: 0, out: 'one\n', err: '' });
  const row = { title: 'PINGREQ', offset: 0, hex: 'c000', fields: [], faults: [] };
  api.wire.frame({ info: connectionInfo('mqtt'), clientId: 'a' }, 'receive', [row]);
  assert.match((await run(api, listTraces, {})).out, /^one +clientid +a +running +/m);
  assert.match((await run(api, showTrace, { name })).out, /^status +running$/m);
  assert.deepEqual(await run(api, stopTrace, { name }), { code: 0, out: 'ok\n', err: '' });
  const { out } = await run(api, downloadTrace, { name });
  assert.deepEqual(JSON.parse(out).frame, row);
  assert.deepEqual(await run(api, deleteTrace, { name }), { code: 0, out: 'ok\n', err: '' });
  const gone = await run(api, downloadTrace, { name });
  assert.equal(gone.code, 1);
  assert.match(gone.err, /there is no trace one/);
});
