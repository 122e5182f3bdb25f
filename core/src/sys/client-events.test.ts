import assert from 'node:assert/strict';
import { test } from 'node:test';
import { connectionInfo } from '../testing/index.js';
import { listener, tellingHub } from './testing.js';

/** A hub that has started to tell of itself, and what comes of one client's events. */
function watched(clientId = 'dev') {
  const { hub, topics } = tellingHub();
  topics.start();
  const { takes } = listener(hub, `clients/${clientId}/+`);
  return { hub, takes };
}

function parsed(line = ''): { event: string; fields: Record<string, unknown> } {
  const at = line.indexOf('=');
  return { event: line.slice(0, at), fields: JSON.parse(line.slice(at + 1)) as Record<string, unknown> };
}

test('a client that connects and disconnects is told of, with what applications want to know', () => {
  const { hub, takes } = watched();
  const connection = connectionInfo('mqtt', {
    peer: { host: '192.0.2.7', port: 4711 },
    local: { host: '192.0.2.1', port: 1883 },
  });
  const now = hub.clock.now();
  const client = hub.client('dev', {
    username: 'ann',
    protocol: 'MQTT',
    protocolVersion: 5,
    keepalive: 60,
    sessionExpiry: 120,
    cleanStart: false,
    connection,
  });
  const who = {
    clientid: 'dev',
    username: 'ann',
    ipaddress: '192.0.2.7',
    sockport: 1883,
    proto_name: 'MQTT',
    proto_ver: 5,
  };
  assert.deepEqual(parsed(takes()[0]), {
    event: 'clients/dev/connected',
    fields: {
      ...who,
      keepalive: 60,
      expiry_interval: 120,
      clean_start: false,
      connack: 0,
      connected_at: now,
      ts: now,
    },
  });
  hub.clock.advance(1000);
  client.session.close('normal');
  assert.deepEqual(parsed(takes()[0]), {
    event: 'clients/dev/disconnected',
    fields: { ...who, reason: 'normal', disconnected_at: now + 1000, ts: now + 1000 },
  });
});

test('why a client is gone is told in the words that applications know', () => {
  const told = (reason: string) => {
    const { hub, takes } = watched();
    hub.client('dev').session.close(reason);
    return parsed(takes()[1]).fields.reason;
  };
  assert.deepEqual(['normal', 'closed', 'ECONNRESET', 'keepalive_timeout', 'malformed_packet'].map(told), [
    'normal',
    'tcp_closed',
    'tcp_closed',
    'keepalive_timeout',
    'malformed_packet',
  ]);
});

test('a takeover is one client that goes and one that comes', () => {
  const { hub, takes } = watched();
  hub.client('dev');
  hub.client('dev');
  const events = takes().map(parsed);
  assert.deepEqual(
    events.map(({ event }) => event),
    ['clients/dev/connected', 'clients/dev/disconnected', 'clients/dev/connected'],
  );
  assert.equal(events[1]?.fields.reason, 'takeovered');
});

test('a client without username has null for it', () => {
  const { hub, takes } = watched();
  hub.client('dev');
  assert.equal(parsed(takes()[0]).fields.username, null);
});

test('a client identifier that would not be a topic level is written as one', () => {
  const { hub, takes } = watched('+');
  hub.client('a+b#\0');
  const { event, fields } = parsed(takes()[0]);
  assert.equal(event, 'clients/a%2Bb%23%00/connected');
  assert.equal(fields.clientid, 'a+b#\0');
});

test('a client that watches all clients sees others, and itself come back', () => {
  const { hub } = watched();
  const lasting = { cleanStart: false, sessionExpiry: 60 };
  const watcher = hub.client('watcher', lasting);
  watcher.subscribe('$SYS/brokers/+/clients/+/connected');
  watcher.session.close('closed');
  hub.client('other');
  const topics = hub
    .client('watcher', lasting)
    .take()
    .map((line) => line.split('=')[0]);
  assert.deepEqual(
    topics.map((topic) => topic?.split('/').at(-2)),
    ['other', 'watcher'],
  );
});
