import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Logger, silentLogger } from '@portico/core';
import { TestHub } from '@portico/core/testing';
import { Client, connected } from './testing.js';

const RECEIPT = (id: string) => `RECEIPT\nreceipt-id:${id}\n\n^`;

/** An ERROR with these words. */
function error(words: string, more = ''): string {
  const length = Buffer.byteLength(words);
  return `ERROR\nmessage:${words.replaceAll(':', '\\c')}\ncontent-type:text/plain\n${more}content-length:${length}\n\n${words}^`;
}

// Connecting

test('CONNECT is answered with the best version that both speak', async () => {
  for (const [accepted, spoken] of [
    ['1.0', '1.0'],
    ['1.1', '1.1'],
    ['1.0,1.1,1.2', '1.2'],
  ] as const) {
    const client = new Client(new TestHub());
    await client.connects('client-id:a\n', accepted);
    assert.deepEqual(client.look(), [
      `CONNECTED\nversion:${spoken}\nserver:portico\nsession:a\nheart-beat:0,0\n\n^`,
    ]);
  }
});

test('a client that names no version speaks 1.0, and STOMP does for CONNECT', async () => {
  const client = new Client(new TestHub());
  await client.sends('STOMP\nlogin:me\nclient-id:b\n\n^');
  assert.deepEqual(client.look(), ['CONNECTED\nversion:1.0\nserver:portico\nsession:b\nheart-beat:0,0\n\n^']);
});

test('a version that there is not is refused, with those that there are', async () => {
  const client = new Client(new TestHub());
  await client.connects('', '9.9');
  assert.deepEqual(client.look(), [
    error('Supported protocol versions are 1.0,1.1,1.2', 'version:1.0,1.1,1.2\n'),
  ]);
  assert.equal(client.closed, 'unsupported_version');
});

test('nothing may come before CONNECT, and no second one', async () => {
  const early = new Client(new TestHub());
  await early.sends('SEND\ndestination:a\nreceipt:r\n\nx^');
  assert.deepEqual(early.look(), [error('SEND before CONNECT', 'receipt-id:r\n')]);
  assert.equal(early.closed, 'connect_expected');
  const twice = await connected(new TestHub());
  await twice.connects();
  assert.deepEqual(twice.look(), [error('CONNECT when connected')]);
  const server = await connected(new TestHub());
  await server.sends('RECEIPT\nreceipt-id:1\n\n^');
  assert.deepEqual(server.look(), [error('RECEIPT when connected')]);
});

test('who is not let in is told so', async () => {
  const hub = new TestHub();
  const deny = { answer: 'deny', refusal: 'bad_credentials' } as const;
  hub.access.addAuthenticator({ name: 'test', authenticate: () => deny });
  const client = new Client(hub);
  await client.connects('login:guest\npasscode:wrong\n');
  assert.deepEqual(client.look(), [error('Connection refused (bad credentials)')]);
  assert.equal(client.closed, 'bad_credentials');
});

test('a client without a login has the one that the configuration names', async () => {
  const hub = new TestHub();
  const seen: unknown[] = [];
  hub.access.addAuthenticator({
    name: 'test',
    authenticate: ({ username, password }) => {
      seen.push([username, password?.toString()]);
      return { answer: 'allow' };
    },
  });
  const config = { default_login: 'nobody', default_passcode: 'secret' };
  await connected(hub);
  await connected(hub, { default_login: '', default_passcode: '' });
  await connected(hub, config);
  await connected(hub, config, 'login:me\n');
  await connected(hub, config, 'login:me\npasscode:mine\n');
  assert.deepEqual(seen, [
    ['guest', 'guest'],
    [undefined, undefined],
    ['nobody', 'secret'],
    ['me', undefined],
    ['me', 'mine'],
  ]);
});

test('a client that never says CONNECT is let go', () => {
  const hub = new TestHub();
  const client = new Client(hub);
  hub.clock.advance(15_000);
  assert.equal(client.closed, 'idle_timeout');
});

// Publishing and subscribing

test('SEND reaches who has subscribed, with content type and properties, from and to MQTT', async () => {
  const hub = new TestHub();
  const client = await connected(hub);
  const application = hub.client('application');
  application.subscribe('q/#', { qos: 1 });
  await client.sends('SUBSCRIBE\nid:0\ndestination:q/+\nreceipt:s\n\n^');
  await client.sends('SEND\ndestination:q/a\ncontent-type:text/plain\nx-y:a\\cb\nreceipt:r\n\nhello^');
  assert.deepEqual(client.look(), [
    RECEIPT('s'),
    'MESSAGE\nmessage-id:1\ndestination:q/a\nsubscription:0\ncontent-type:text/plain\nx-y:a\\cb\ncontent-length:5\n\nhello^',
    RECEIPT('r'),
  ]);
});

test('a binary body, retain and QoS by headers', async () => {
  const hub = new TestHub();
  const client = await connected(hub);
  const application = hub.client('application');
  application.subscribe('#', { qos: 2 });
  await client.sends('SEND\ndestination:a\nqos:2\nretain:true\ncontent-length:3\n\n\u0001^\u0002^');
  await client.sends(
    'SEND\ndestination:b\nreply-to:r\ncorrelation-id:7\nmessage-expiry-interval:60\nk:1\nk:2\n\nx^',
  );
  const [first, second] = application.received;
  assert.deepEqual([first?.qos, first?.payload, first?.message.retain], [2, '\u0001\u0000\u0002', true]);
  assert.deepEqual(
    [second?.qos, second?.message.properties],
    [
      1,
      {
        responseTopic: 'r',
        correlationData: Buffer.from('7'),
        messageExpiryInterval: 60,
        userProperties: [
          ['k', '1'],
          ['k', '2'],
        ],
      },
    ],
  );
});

const WRONG = [
  ['no destination', 'SEND\n\nx^', 'SEND without destination'],
  ['an unknown QoS', 'SEND\ndestination:a\nqos:3\n\nx^', 'qos is 0, 1 or 2'],
  ['a topic with a wildcard', 'SEND\ndestination:a/#\n\nx^', 'Not published (topic name invalid)'],
  ['no destination', 'SUBSCRIBE\nid:0\n\n^', 'SUBSCRIBE without destination'],
  [
    'an unknown ack',
    'SUBSCRIBE\nid:0\ndestination:a\nack:x\n\n^',
    'ack is one of auto, client, client-individual',
  ],
  [
    'a filter that is none',
    'SUBSCRIBE\nid:0\ndestination:a/#/b\n\n^',
    'Not subscribed (topic filter invalid)',
  ],
  [
    'durable without a name',
    'SUBSCRIBE\nid:0\ndestination:a\ndurable:true\n\n^',
    'A durable subscription needs a client-id in CONNECT',
  ],
  ['no id', 'SUBSCRIBE\ndestination:a\n\n^', 'SUBSCRIBE without id'],
  ['no id', 'UNSUBSCRIBE\ndestination:a\n\n^', 'UNSUBSCRIBE without id'],
  ['nothing known', 'UNSUBSCRIBE\nid:5\n\n^', 'No such subscription'],
  ['no id', 'ACK\n\n^', 'ACK without id'],
  ['no transaction', 'BEGIN\n\n^', 'BEGIN without transaction'],
  ['an unknown transaction', 'COMMIT\ntransaction:nosuch\n\n^', 'Transaction nosuch not found'],
  ['an unknown transaction', 'SEND\ndestination:a\ntransaction:t\n\nx^', 'Transaction t not found'],
] as const;

test('a frame that lacks something, or asks for what cannot be, is an error and the end', async () => {
  for (const [name, frame, words] of WRONG) {
    const client = await connected(new TestHub());
    await client.sends(frame);
    assert.deepEqual(client.look(), [error(words)], name);
    assert.equal(client.closed, 'protocol_error', name);
  }
});

test('of a frame that is refused the log tells, with the words of the ERROR', async () => {
  const lines: unknown[][] = [];
  const log: Logger = {
    ...silentLogger,
    info: (...line: unknown[]) => void lines.push(line),
    isLevelEnabled: () => true,
    child: () => log,
  };
  const hub = new TestHub({ log });
  const client = await connected(hub, {}, 'client-id:a\n');
  await client.sends('COMMIT\ntransaction:t\n\n^');
  await new Client(hub).sends('SEND\ndestination:a\n\n^');
  const refused = lines.filter(([, message]) => message === 'frame refused').map(([fields]) => fields);
  const peer = { listener: client.peer.info.listener, peer: '192.0.2.7:50123', unlogged: undefined };
  const clientid = 'a';
  assert.deepEqual(refused, [
    { clientid, username: 'guest', ...peer, command: 'COMMIT', problem: 'Transaction t not found' },
    { ...peer, command: 'SEND', problem: 'SEND before CONNECT' },
  ]);
});

test('what access control refuses is an error', async () => {
  const hub = new TestHub();
  hub.access.addAuthorizer({ name: 'test', authorize: () => 'deny' });
  const publisher = await connected(hub);
  await publisher.sends('SEND\ndestination:a\nreceipt:r\n\nx^');
  assert.deepEqual(publisher.look(), [error('Not published (not authorized)', 'receipt-id:r\n')]);
  const subscriber = await connected(hub);
  await subscriber.sends('SUBSCRIBE\nid:0\ndestination:a\n\n^');
  assert.deepEqual(subscriber.look(), [error('Not subscribed (not authorized)')]);
});

test('the same id twice is an error; the same destination under two ids gives each its own message', async () => {
  const hub = new TestHub();
  const client = await connected(hub);
  await client.sends('SUBSCRIBE\nid:0\ndestination:a\n\n^SUBSCRIBE\nid:1\ndestination:a\nack:client\n\n^');
  hub.client('application').publish('a', 'x', 1);
  assert.deepEqual(client.look(), [
    'MESSAGE\nmessage-id:1\ndestination:a\nsubscription:0\ncontent-length:1\n\nx^',
    'MESSAGE\nmessage-id:2\ndestination:a\nsubscription:1\nack:2\ncontent-length:1\n\nx^',
  ]);
  await client.sends('SUBSCRIBE\nid:0\ndestination:b\n\n^');
  assert.deepEqual(client.look(), [error('This subscription is there already')]);
});

test('UNSUBSCRIBE by id, and in 1.0 by destination', async () => {
  const hub = new TestHub();
  const application = hub.client('application');
  const client = await connected(hub);
  await client.sends('SUBSCRIBE\nid:0\ndestination:a\n\n^SUBSCRIBE\nid:1\ndestination:a\n\n^');
  await client.sends('UNSUBSCRIBE\nid:0\nreceipt:u\n\n^');
  application.publish('a', 'x');
  assert.deepEqual(client.look(), [
    RECEIPT('u'),
    'MESSAGE\nmessage-id:1\ndestination:a\nsubscription:1\ncontent-length:1\n\nx^',
  ]);
  const old = await connected(hub, {}, '', '1.0');
  await old.sends('SUBSCRIBE\ndestination:b\n\n^');
  application.publish('b', 'x');
  assert.deepEqual(old.look(), ['MESSAGE\nmessage-id:1\ndestination:b\ncontent-length:1\n\nx^']);
  await old.sends('UNSUBSCRIBE\ndestination:b\n\n^');
  application.publish('b', 'x');
  assert.deepEqual(old.look(), []);
});

// Acknowledging

/** A client with a subscription, and three messages sent to it. */
async function withMessages(mode: string, config: Record<string, unknown> = {}) {
  const hub = new TestHub();
  const client = await connected(hub, config);
  await client.sends(`SUBSCRIBE\nid:0\ndestination:a\nack:${mode}\n\n^`);
  const application = hub.client('application');
  for (const payload of ['1', '2', '3']) application.publish('a', payload, 1);
  assert.equal(client.look().length, 3);
  const inflight = () => [...hub.engine.sessions.values()][0]?.statistics.inflight;
  return { hub, client, application, inflight };
}

test('with ack auto nothing is left to acknowledge', async () => {
  const { inflight } = await withMessages('auto');
  assert.equal(inflight(), 0);
});

test('with ack client an ACK stands for all before it', async () => {
  const { client, inflight } = await withMessages('client');
  assert.equal(inflight(), 3);
  await client.sends('ACK\nid:2\nreceipt:r\n\n^');
  assert.deepEqual([client.look(), inflight()], [[RECEIPT('r')], 1]);
});

test('with ack client-individual it stands for one', async () => {
  const { client, inflight } = await withMessages('client-individual');
  await client.sends('ACK\nid:2\n\n^');
  assert.equal(inflight(), 2);
});

test('1.1 acknowledges by message-id and subscription', async () => {
  const { client, inflight } = await withMessages('client-individual');
  await client.sends('ACK\nsubscription:0\nmessage-id:3\n\n^');
  assert.equal(inflight(), 2);
});

test('NACK drops a message, counted', async () => {
  const { hub, client, inflight } = await withMessages('client-individual');
  await client.sends('NACK\nid:1\n\n^');
  assert.equal(inflight(), 2);
  assert.equal(hub.metrics.get('stomp.nacks.received'), 1);
  assert.equal(hub.metrics.get('delivery.dropped.abandoned'), 1);
});

test('an ACK that comes twice is counted, and no reason to let the client go', async () => {
  const { hub, client } = await withMessages('client');
  await client.sends('ACK\nid:1\n\n^ACK\nid:1\nreceipt:r\n\n^');
  assert.deepEqual(client.look(), [RECEIPT('r')]);
  assert.equal(hub.metrics.get('stomp.acks.unknown'), 1);
});

test('who does not acknowledge is sent no more than the window holds', async () => {
  const { client, application } = await withMessages('client', { max_inflight: 3 });
  application.publish('a', '4', 1);
  assert.deepEqual(client.look(), []);
  await client.sends('ACK\nid:1\n\n^');
  assert.equal(client.look().length, 1);
});

// Transactions

test('what a transaction holds happens when it is committed, in order', async () => {
  const hub = new TestHub();
  const client = await connected(hub);
  await client.sends('SUBSCRIBE\nid:0\ndestination:a\n\n^BEGIN\ntransaction:t\nreceipt:b\n\n^');
  await client.sends('SEND\ndestination:a\ntransaction:t\n\n1^SEND\ndestination:a\ntransaction:t\n\n2^');
  assert.deepEqual(client.look(), [RECEIPT('b')]);
  await client.sends('COMMIT\ntransaction:t\nreceipt:c\n\n^');
  const message = (id: number) =>
    `MESSAGE\nmessage-id:${id}\ndestination:a\nsubscription:0\ncontent-length:1\n\n${id}^`;
  assert.deepEqual(client.look(), [message(1), message(2), RECEIPT('c')]);
});

test('what an aborted transaction holds never happens', async () => {
  const hub = new TestHub();
  const client = await connected(hub);
  await client.sends('SUBSCRIBE\nid:0\ndestination:a\n\n^BEGIN\ntransaction:t\n\n^');
  await client.sends('SEND\ndestination:a\ntransaction:t\n\n1^ABORT\ntransaction:t\nreceipt:r\n\n^');
  assert.deepEqual(client.look(), [RECEIPT('r')]);
});

test('an ACK in a transaction counts when that is committed', async () => {
  const { client, inflight } = await withMessages('client');
  await client.sends('BEGIN\ntransaction:t\n\n^ACK\nid:3\ntransaction:t\n\n^');
  assert.equal(inflight(), 3);
  await client.sends('COMMIT\ntransaction:t\n\n^');
  assert.equal(inflight(), 0);
});

test('transactions are bounded in number, frames and bytes', async () => {
  const lengths = { max_headers: 2, max_header_length: 20, max_body_length: 2 };
  const config = { max_transactions: 1, max_transaction_frames: 2, ...lengths };
  const send = (body: string) => `SEND\ndestination:a\ntransaction:t\n\n${body}^`;
  for (const [frames, words] of [
    ['BEGIN\ntransaction:t\n\n^BEGIN\ntransaction:u\n\n^', 'More than 1 transactions'],
    ['BEGIN\ntransaction:t\n\n^BEGIN\ntransaction:t\n\n^', 'Transaction t already started'],
    [`BEGIN\ntransaction:t\n\n^${send('x').repeat(3)}`, 'More than 2 frames in t'],
    [`BEGIN\ntransaction:t\n\n^${send('x'.repeat(337))}`, 'More than 336 bytes in t'],
  ] as const) {
    const client = await connected(new TestHub(), config);
    await client.sends(frames);
    assert.deepEqual(client.look(), [error(words)]);
  }
});

// Heart-beats

test('both sides send as often as was agreed on, with a margin', async () => {
  const hub = new TestHub();
  const client = new Client(hub);
  await client.connects('heart-beat:1000,5000\n');
  assert.match(client.look()[0] ?? '', /\nheart-beat:5000,1000\n/);
  hub.clock.advance(1900);
  assert.equal(client.closed, undefined);
  client.peer.received();
  hub.clock.advance(1900);
  client.peer.received();
  hub.clock.advance(200);
  assert.deepEqual(client.look(), ['\n']);
  hub.clock.advance(1800);
  assert.deepEqual(client.look(), [error('No heart-beat')]);
  assert.equal(client.closed, 'keepalive_timeout');
});

test('nobody is sent more heart-beats than the hub allows', async () => {
  const client = new Client(new TestHub());
  await client.connects('heart-beat:1,1\n');
  assert.match(client.look()[0] ?? '', /\nheart-beat:1000,1000\n/);
  const patient = new Client(new TestHub());
  await patient.connects('heart-beat:0,99999999999\n');
  assert.match(patient.look()[0] ?? '', /\nheart-beat:86400000,0\n/);
  const wrong = new Client(new TestHub());
  await wrong.connects('heart-beat:abc\n');
  assert.deepEqual(wrong.look(), [error('heart-beat is two numbers of milliseconds')]);
});

// Durable subscriptions

test('a durable subscription outlives the connection, with what was not acknowledged', async () => {
  const hub = new TestHub();
  const subscribe = 'SUBSCRIBE\nid:0\ndestination:a\nack:client\ndurable:true\n\n^';
  const application = hub.client('application');
  const first = await connected(hub, {}, 'client-id:c\n');
  await first.sends(`${subscribe}SUBSCRIBE\nid:1\ndestination:b\n\n^`);
  application.publish('a', '1', 1);
  assert.equal(first.look().length, 1);
  await first.sends('DISCONNECT\nreceipt:d\n\n^');
  assert.deepEqual([first.look(), first.closed], [[RECEIPT('d')], 'normal']);
  application.publish('a', '2', 1);
  application.publish('b', 'nobody gets this', 1);
  const second = await connected(hub, {}, 'client-id:c\n');
  assert.deepEqual(second.look(), [], 'nothing comes before the subscription is renewed');
  await second.sends(subscribe);
  assert.deepEqual(second.look(), [
    'MESSAGE\nmessage-id:1\ndestination:a\nsubscription:0\nack:1\nredelivered:true\ncontent-length:1\n\n1^',
    'MESSAGE\nmessage-id:2\ndestination:a\nsubscription:0\nack:2\ncontent-length:1\n\n2^',
  ]);
});

test('a durable subscription ends with UNSUBSCRIBE, also by one that has not renewed it', async () => {
  const hub = new TestHub();
  const first = await connected(hub, {}, 'client-id:c\n');
  await first.sends('SUBSCRIBE\nid:0\ndestination:a\ndurable:true\n\n^DISCONNECT\n\n^');
  const second = await connected(hub, {}, 'client-id:c\n');
  await second.sends('UNSUBSCRIBE\nid:0\ndestination:a\nreceipt:u\n\n^DISCONNECT\n\n^');
  assert.deepEqual(second.look(), [RECEIPT('u')]);
  assert.equal(hub.engine.sessions.has('c'), false);
});

test('without a durable subscription nothing is left of a client', async () => {
  const hub = new TestHub();
  const client = await connected(hub, {}, 'client-id:c\n');
  await client.sends('SUBSCRIBE\nid:0\ndestination:a\n\n^DISCONNECT\n\n^');
  assert.equal(hub.engine.sessions.has('c'), false);
});

// Destinations

test('with destination_prefixes a queue is shared, and a topic is for all', async () => {
  const hub = new TestHub();
  const config = { destination_prefixes: true };
  const [one, two] = [await connected(hub, config), await connected(hub, config)];
  const all = 'SUBSCRIBE\nid:0\ndestination:/topic/t\n\n^SUBSCRIBE\nid:1\ndestination:/queue/q\n\n^';
  await one.sends(all);
  await two.sends(all);
  await one.sends('SEND\ndestination:/topic/t\n\nt^SEND\ndestination:/queue/q\n\nq^');
  const destinations = [...one.look(), ...two.look()].map((frame) => /destination:(.*)/.exec(frame)?.[1]);
  assert.deepEqual(destinations.sort(), ['/queue/q', '/topic/t', '/topic/t']);
});

// The end

test('a client whose session is taken over, and all when the hub stops, are told so', async () => {
  const hub = new TestHub();
  const first = await connected(hub, {}, 'client-id:c\n');
  const second = await connected(hub, {}, 'client-id:c\n');
  assert.deepEqual(first.look(), [error('taken over')]);
  second.channel.onShutdown();
  assert.deepEqual(second.look(), [error('The server is shutting down')]);
});
