import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ProtocolVersion } from '@portico/codec-mqtt';
import { TestHub } from '@portico/core/testing';
import { Client, connected, startGateway } from './testing.js';

const VERSIONS = [4, 5] as const satisfies readonly ProtocolVersion[];

for (const version of VERSIONS) {
  test(`the keep alive of a connected client of version ${version} can be changed`, () => {
    const hub = new TestHub();
    const client = connected(hub, version, { keepAlive: 10 });
    const quiet = (seconds: number) => {
      hub.clock.advance(seconds * 1000);
      return client.closed;
    };
    assert.equal(hub.engine.setKeepalive('c', 100), 'ok');
    assert.equal(hub.engine.sessions.get('c')?.client.keepalive, 100);
    assert.equal(quiet(140), undefined);
    assert.equal(hub.engine.setKeepalive('c', 0), 'ok');
    assert.equal(quiet(1000), undefined);
    client.sends({ type: 'pingreq' });
    assert.equal(hub.engine.setKeepalive('c', 20), 'ok');
    assert.equal(quiet(29), undefined);
    assert.equal(hub.engine.setKeepalive('c', 22), 'ok');
    assert.equal(quiet(3), undefined, 'it counts from the last byte');
    assert.equal(quiet(1), 'keepalive_timeout');
    assert.equal(hub.engine.setKeepalive('c', 20), 'not_connected');
  });

  test(`operators may subscribe a client of version ${version} to any topic`, () => {
    const hub = new TestHub();
    connected(hub, version);
    assert.equal(hub.engine.sessions.get('c')?.attachment?.handler.takesAnyTopic, true);
  });

  test(`a banned client of version ${version} is refused, and disconnected when it is there`, () => {
    const hub = new TestHub();
    const gateway = startGateway(hub);
    const client = connected(hub, version, { clientId: 'c' }, gateway);
    const now = hub.clock.now();
    hub.engine.ban({ as: 'clientid', who: 'c', by: 'user', reason: '', at: now, until: now + 1000 });
    assert.deepEqual(client.look(), version === 5 ? ['DISCONNECT 0x98 (Administrative action)'] : []);
    assert.equal(client.closed, 'banned');
    const again = new Client(gateway, hub, version);
    again.connects({ clientId: 'c' });
    const [connack] = again.takes();
    assert.equal(connack?.type === 'connack' && connack.reasonCode, version === 5 ? 0x8a : 5);
    assert.equal(again.closed, 'banned');
    hub.clock.advance(1000);
    connected(hub, version, { clientId: 'c' }, gateway);
  });
}

test('more than 1,000 user properties in a packet are answered with quota exceeded', () => {
  const userProperties = Array<readonly [string, string]>(1001).fill(['', '']);
  const explanation = 'reasonString=more than 1000 userProperties';
  const hub = new TestHub();
  const client = connected(hub, 5);
  client.publishes('a', 'x', { properties: { userProperties } });
  assert.deepEqual(client.look(), [`DISCONNECT 0x97 (Quota exceeded) ${explanation}`]);
  assert.equal(client.closed, 'quota_exceeded');
  const newcomer = new Client(startGateway(hub), hub, 5);
  newcomer.connects({ properties: { userProperties } });
  assert.deepEqual(newcomer.look(), [`CONNACK sessionPresent=false 0x97 (Quota exceeded) ${explanation}`]);
  assert.equal(newcomer.closed, 'quota_exceeded');
});
