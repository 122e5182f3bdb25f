import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TestApi } from './testing/index.js';

/** What is told of requests that are wrong: which part, and what is allowed. */

for (const [method, path, body, status, code, message] of [
  ['POST', '/banned', { who: 'm', as: 'clientid', untill: 5 }, 400, 108, 'there is no such field: untill'],
  ['POST', '/mqtt/subscribe', { topic: 'a', clientid: 'c', qs: 1 }, 400, 108, 'there is no such field: qs'],
  [
    'PUT',
    '/configs/gateways.stomp.max_headers',
    { value: 1, vlaue: 2 },
    400,
    108,
    'there is no such field: vlaue',
  ],
  ['PUT', '/clients/c/keepalive', { intervall: 1 }, 400, 108, 'there is no such field: intervall'],
  ['POST', '/mqtt/unsubscribe', { clientid: 'c' }, 400, 107, 'topic: is missing'],
  ['POST', '/mqtt/publish', { topic: 7, clientid: 'c', payload: '' }, 400, 108, 'topic: must be text'],
  ['POST', '/banned', { who: '', as: 'clientid' }, 400, 108, 'who: at least 1 character'],
  ['POST', '/banned', { who: 'm', as: 'us' }, 400, 108, 'as: one of clientid, username, peerhost'],
  ['POST', '/listeners', { name: 'stomp:tcp:q' }, 400, 107, 'bind: is missing'],
  ['GET', '/clients?_limit=0', undefined, 400, 108, '_limit: at least 1'],
  ['GET', '/clients?conn_state=x', undefined, 400, 108, 'conn_state: one of connected, idle, disconnected'],
  ['GET', '/clients?state=nope', undefined, 400, 108, 'state: one of connected, disconnected'],
  [
    'PUT',
    '/listeners/management:http/stop',
    undefined,
    400,
    108,
    'the API cannot close where it is asked itself; see management.enable, management.bind',
  ],
  ['POST', '/mqtt/publish', 'x'.repeat(5000), 413, 108, 'the body is larger than management.max_body_size'],
] as const) {
  test(`${method} ${path} is refused: ${message}`, async () => {
    const api = await TestApi.start({ max_body_size: '4KB' });
    const result = await api.ask(method, path, body);
    assert.deepEqual([result.status, result.body], [status, { code, message }]);
  });
}

test('bans of an export may have fields that this version does not know', async () => {
  const api = await TestApi.start();
  const ban = { who: 'm', as: 'clientid', until: 'infinity', node: 'other@127.0.0.1' };
  const { status, body } = await api.ask('POST', '/data/import', { version: '4.4', blacklist: [ban] });
  assert.deepEqual([status, body], [200, { code: 0 }]);
  assert.equal([...api.hub.engine.bans.list()].length, 1);
});
