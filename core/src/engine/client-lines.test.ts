import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createLogger } from '../runtime/hub-logger.js';
import { connectionInfo, TestClient, TestHub } from '../testing/index.js';

/** A hub, and the lines of its log without time and level. */
function setUp() {
  const lines: string[] = [];
  const log = createLogger({
    level: 'info',
    format: 'text',
    output: { write: (line) => void lines.push(line.replace(/^.*?: /, '').trim()) },
  });
  return { hub: new TestHub({ log, policy: { allowAnonymous: false } }), lines };
}

/** Somebody whom no source knows asks to come in, and may not. */
function isRefused(hub: TestHub, clientId: string, listener: string): void {
  const connection = { ...connectionInfo('test', { peer: { host: '192.0.2.9', port: 5000 } }), listener };
  const result = hub.connect(hub.request(clientId, new TestClient(), { connection }));
  assert.deepEqual(result, { ok: false, refusal: 'not_authorized' });
}

test('of clients that are refused there are ten lines and then one a second, for each listener', () => {
  const { hub, lines } = setUp();
  for (let i = 0; i < 2000; i++) isRefused(hub, `c${i}`, 'test:tcp:a');
  assert.equal(lines.length, 10);
  hub.clock.advance(1000);
  isRefused(hub, 'late', 'test:tcp:a');
  const who = 'peer=192.0.2.9:5000 reason=not_authorized';
  assert.equal(lines.at(-1), `client refused clientid=late listener=test:tcp:a ${who} unlogged=1990`);
  isRefused(hub, 'other', 'test:tcp:b');
  assert.equal(lines.at(-1), `client refused clientid=other listener=test:tcp:b ${who}`);
});

test('of accesses that are denied likewise', () => {
  const { hub, lines } = setUp();
  hub.access.addAuthenticator({ name: 'test', authenticate: () => ({ answer: 'allow' }) });
  hub.authorize('publish', 'deny');
  for (const listener of ['test:tcp:a', 'test:tcp:b']) {
    const client = hub.client(listener, { connection: { ...connectionInfo('test'), listener } });
    for (let i = 0; i < 20; i++) client.publish(`t${i}`, 'x');
  }
  const denied = lines.filter((line) => line.startsWith('access denied'));
  assert.equal(denied.length, 20);
  assert.match(denied.at(-1) ?? '', /^access denied clientid=test:tcp:b .* action=publish topic=t9$/);
});

test('the line about a client that comes in says whether anybody has verified its name', () => {
  const { hub, lines } = setUp();
  hub.access.addAuthenticator({
    name: 'test',
    authenticate: ({ clientId }) => ({ answer: clientId === 'known' ? 'allow' : 'ignore' }),
  });
  const entrance = { ...hub.entrance, policy: { ...hub.entrance.policy, allowAnonymous: true } };
  for (const clientId of ['known', 'stranger']) {
    hub.engine.connect(hub.request(clientId, new TestClient(), { username: 'ada' }), entrance);
  }
  assert.match(lines[0] ?? '', /^client connected clientid=known username=ada .* anonymous=false /);
  assert.match(lines[1] ?? '', /^client connected clientid=stranger username=ada .* anonymous=true /);
});
