import assert from 'node:assert/strict';
import { test } from 'node:test';
import { endpointsOf } from './api.js';
import { NODE, TestApi } from './testing/index.js';

/** Publishing changes nothing of the hub, and comes as often as messages do. */
const UNTOLD = ['mqtt_publish', 'mqtt_publish_batch'];

const CHANGES = endpointsOf({ gateways: new Map() }).filter(({ method }) => method !== 'GET');

test('each request for a change leaves one line with who asked, from where, for what, and what came of it', async () => {
  const api = await TestApi.start();
  assert.notEqual(CHANGES.length, 0);
  for (const { method, path, name } of CHANGES) {
    const before = api.lines.length;
    const asked = path.replaceAll(':node', NODE).replaceAll(/:\w+/g, 'some');
    const { body } = await api.ask(method, asked, {});
    const told = api.lines.slice(before).filter(({ message }) => message === 'management request');
    assert.deepEqual(
      told.map(({ app, peer, action, code }) => ({ app, peer, action, code })),
      UNTOLD.includes(name) ? [] : [{ app: 'admin', peer: '127.0.0.1', action: name, code: body.code }],
      name,
    );
  }
});

test('a change that is refused is told with what it was about, where that is text', async () => {
  const api = await TestApi.start();
  const before = api.lines.length;
  for (const name of ['nosuch:tcp:second', 7, 'x'.repeat(200)]) await api.ask('POST', '/listeners', { name });
  const told = api.lines.slice(before).filter(({ action }) => action === 'create_listener');
  assert.deepEqual(
    told.map(({ listener }) => listener),
    ['nosuch:tcp:second', undefined, 'x'.repeat(128)],
  );
});
