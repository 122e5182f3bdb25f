import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, before, test } from 'node:test';
import coap from 'coap';
import { eventually } from '../support/eventually.js';
import { LocalHub } from '../support/local-hub.js';
import { patience } from '../support/patience.js';

/** node-coap, the client that JavaScript devices use. */

let hub: LocalHub;
before(async () => {
  hub = await LocalHub.start();
});
after(() => hub.stop());

type Options = Parameters<typeof coap.request>[0];

function request(options: Exclude<Options, string>) {
  return coap.request({ host: '127.0.0.1', port: hub.port('coap:udp:default'), ...options });
}

async function answerTo(
  outgoing: ReturnType<typeof coap.request>,
  payload = '',
): Promise<{ code: string; payload: string }> {
  const answered = once(outgoing, 'response', { signal: patience() });
  outgoing.end(payload);
  const [response] = (await answered) as [{ code: string; payload: Buffer }];
  return { code: response.code, payload: response.payload.toString() };
}

test('PUT publishes, confirmable or not', async () => {
  for (const confirmable of [true, false]) {
    const put = request({ method: 'PUT', pathname: '/mqtt/a/b', query: 'c=node', confirmable });
    assert.deepEqual(await answerTo(put, 'hello'), { code: '2.04', payload: '' });
  }
});

test('an observer gets each message and can stop', async () => {
  const agent = new coap.Agent({ type: 'udp4' });
  const observe = request({ pathname: '/mqtt/watched', query: 'c=watcher', observe: true, agent });
  const answered = once(observe, 'response', { signal: patience() });
  observe.end();
  const [stream] = (await answered) as [NodeJS.ReadableStream & { close(): void }];
  const seen: string[] = [];
  stream.on('data', (bytes) => seen.push(String(bytes)));
  for (const payload of ['one', 'two']) {
    await answerTo(request({ method: 'PUT', pathname: '/mqtt/watched', query: 'c=other' }), payload);
    await eventually(`${payload} arrives`, () => seen.at(-1) === payload);
  }
  assert.deepEqual(seen, ['', 'one', 'two'], 'the first is the answer to the registration');
  stream.close();
});

test('what is not there and what is not allowed is said', async () => {
  const code = async (options: Exclude<Options, string>) => (await answerTo(request(options))).code;
  assert.equal(await code({ pathname: '/nowhere' }), '4.04');
  assert.equal(await code({ method: 'DELETE', pathname: '/mqtt/a', query: 'c=node' }), '4.05');
  assert.equal(await code({ method: 'PUT', pathname: '/mqtt/a' }), '4.00');
});
