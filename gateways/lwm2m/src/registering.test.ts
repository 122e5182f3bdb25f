import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rawOption } from '@portico/coap-endpoint/testing';
import { MessageType, Method } from '@portico/codec-coap';
import { createLogger } from '@portico/core';
import { answers, Lwm2mTest, locationIn, OBJECTS, register, update } from './testing.js';

const REGISTERED =
  '{"msgType":"register","data":{"objectList":["/1","/1/0","/2/0","/3/0","/4/0","/5/0","/6/0","/7/0","/31024","/31024/10","/31024/11","/31024/12"],"lwm2m":"1.1","lt":60,"ep":"dev1","b":"U","alternatePath":"/"}}';

test('a device registers: it is told where, applications hear of it, and commands come when it knows', async () => {
  const it = new Lwm2mTest();
  const { path } = await it.registered();
  assert.match(path, /^rd\/[0-9a-f]{12}$/);
  assert.deepEqual(it.app.take(), [`lwm2m/dev1/up/resp=${REGISTERED}`]);
  assert.deepEqual(it.controller.take(), ['dev1 control', 'dev1 registered new']);
  assert.deepEqual(it.devices, ['dev1']);
  assert.equal(it.hub.metrics.gauge('lwm2m.devices', '').value, 1);
  assert.equal(it.count('registrations.registered'), 1);
});

test('registrations are published with QoS 0, not retained', async () => {
  const it = new Lwm2mTest();
  await it.registered();
  const [message] = it.app.received;
  assert.deepEqual([message?.qos, message?.retain], [0, false]);
});

const REFUSALS: readonly [query: string, payload: string, answer: string][] = [
  ['lt=60&lwm2m=1.1', OBJECTS, '4.00 ep is missing'],
  ['ep=&lt=60&lwm2m=1.1', OBJECTS, '4.00 ep is missing'],
  ['ep=a&lt=0&lwm2m=1.1', OBJECTS, '4.00 lt is a number of seconds from 1 to 86400'],
  ['ep=a&lt=86401&lwm2m=1.1', OBJECTS, '4.00 lt is a number of seconds from 1 to 86400'],
  ['ep=a&lt=60&lwm2m=2.0', OBJECTS, '4.12 versions of LwM2M here are 1.0, 1.1 and 1.2'],
  ['ep=a&lt=60&lwm2m=1.1', '</1', '4.00 the object list is wrong: a link without >'],
  ['ep=a/b&lt=60&lwm2m=1.1', OBJECTS, '4.00 clientid invalid'],
  ['ep=%23&lt=60&lwm2m=1.1', OBJECTS, '4.00 clientid invalid'],
];

for (const [query, payload, answer] of REFUSALS) {
  test(`rd?${query} is answered ${answer}`, async () => {
    const it = new Lwm2mTest();
    const peer = it.peer();
    await register(peer, query, payload);
    const [told] = answers(peer);
    assert.equal(told?.slice(0, 4), answer.slice(0, 4), told);
    if (payload === OBJECTS) assert.equal(told, answer);
    assert.deepEqual([it.devices, it.app.take()], [[], []]);
    assert.equal(it.count('registrations.refused'), 1);
  });
}

test('a device that is not let in is answered 4.03', async () => {
  const it = new Lwm2mTest();
  it.authenticate(({ username, password }) =>
    username === '490154203237518' && password?.toString() === 'good'
      ? { answer: 'allow' }
      : { answer: 'deny', refusal: 'bad_credentials' },
  );
  const peer = it.peer();
  await register(peer, 'ep=dev1&lt=60&lwm2m=1.1&imei=490154203237518&password=bad');
  assert.deepEqual(answers(peer), ['4.03 not let in']);
  await register(peer, 'ep=dev1&lt=60&lwm2m=1.1&imei=490154203237518&password=good');
  locationIn(peer.take());
  const [message] = it.app.take();
  assert.match(message ?? '', /"imei":"490154203237518"/);
  assert.doesNotMatch(message ?? '', /password|good/);
});

const FOREIGN_NAME = ['4.03 the endpoint name is not the identity of the key'];
const FOREIGN_DEVICE = ['4.03 another peer has registered this'];

/** Somebody registers over DTLS, or with nothing over UDP. @param key that was shown in the handshake */
async function asks(
  it: Lwm2mTest,
  endpoint: string,
  key?: { pskIdentity: string } | { rawPublicKey: string },
) {
  const peer = it.peer(key && { transport: 'dtls', listener: 'lwm2m:dtls:default', ...key });
  await register(peer, `ep=${endpoint}&lt=60&lwm2m=1.1`);
  return answers(peer);
}

test('with identity_is_endpoint a device with a pre-shared key registers by its identity alone', async () => {
  const it = new Lwm2mTest({ identity_is_endpoint: true });
  const key = { pskIdentity: 'dev1' };
  assert.deepEqual(await asks(it, 'dev1', key), ['2.01']);
  assert.deepEqual(await asks(it, 'dev2', key), FOREIGN_NAME);
  assert.deepEqual(await asks(it, 'dev1', { pskIdentity: 'dev2' }), FOREIGN_NAME);
  assert.deepEqual(await asks(it, 'dev1', key), ['2.01']);
  assert.deepEqual(it.devices, ['dev1']);
  assert.equal(it.count('registrations.refused'), 2);
});

test('with identity_is_endpoint a name that was registered with a key is nobody else’s', async () => {
  const it = new Lwm2mTest({ identity_is_endpoint: true });
  await asks(it, 'dev1', { pskIdentity: 'dev1' });
  assert.deepEqual(await asks(it, 'dev1'), FOREIGN_DEVICE);
  const key = { rawPublicKey: 'aa' };
  assert.deepEqual(await asks(it, 'dev2', key), ['2.01']);
  assert.deepEqual(await asks(it, 'dev2', { rawPublicKey: 'bb' }), FOREIGN_DEVICE);
  assert.deepEqual(await asks(it, 'dev2', key), ['2.01']);
  assert.deepEqual(await asks(it, 'dev3'), ['2.01']);
  assert.deepEqual(await asks(it, 'dev3'), ['2.01'], 'without a key there is nothing to tie a name to');
});

test('as shipped, whoever is let in may take a name', async () => {
  const it = new Lwm2mTest();
  await asks(it, 'dev1', { pskIdentity: 'dev1' });
  assert.deepEqual(await asks(it, 'dev1', { pskIdentity: 'dev2' }), ['2.01']);
});

test('while access control is asked nothing is sent, and the answer comes later', async () => {
  const it = new Lwm2mTest();
  let allow: () => void = () => {};
  it.authenticate(() => new Promise((resolve) => (allow = () => resolve({ answer: 'allow' }))));
  const peer = it.peer();
  const pending = register(peer, 'ep=dev1&lt=60&lwm2m=1.1');
  assert.deepEqual(peer.take(), []);
  allow();
  await pending;
  locationIn(peer.take());
  assert.deepEqual(it.controller.take(), ['dev1 control', 'dev1 registered new']);
});

test('registering again takes the place of what was registered, and tells whether it is the same device', async () => {
  const it = new Lwm2mTest();
  const first = await it.registered();
  const second = await it.registered();
  await it.registered('dev1', 'lt=90&lwm2m=1.0&b=UQ');
  it.controller.take();
  await register(second.peer, 'ep=dev1&lt=60&lwm2m=1.1', '</3/0>');
  assert.deepEqual(it.controller.take(), ['dev1 registered changed']);
  assert.deepEqual(it.devices, ['dev1']);
  assert.deepEqual(it.hub.engine.sessions.size, 2);
  second.peer.take();
  await update(first.peer, first.path);
  await update(second.peer, second.path);
  const told = '4.04 there is no such registration: register anew';
  assert.deepEqual([answers(first.peer), answers(second.peer)], [[told], [told]]);
  assert.equal(it.count('registrations.registered'), 4);
  assert.equal(it.count('registrations.removed'), 0);
});

test('a Register that comes again is answered again, and carried out once', async () => {
  const it = new Lwm2mTest();
  const peer = it.peer();
  await register(peer, 'ep=dev1&lt=60&lwm2m=1.1', OBJECTS, { messageId: 7 });
  await register(peer, 'ep=dev1&lt=60&lwm2m=1.1', OBJECTS, { messageId: 7 });
  const [one, two] = peer.take();
  assert.deepEqual(one, two);
  assert.equal(it.count('registrations.registered'), 1);
});

test('who wants the name of a device has to be let in, else the device stays', async () => {
  const it = new Lwm2mTest();
  let open = true;
  it.authenticate(() => (open ? { answer: 'allow' } : { answer: 'deny', refusal: 'not_authorized' }));
  const { peer, path } = await it.registered();
  open = false;
  const thief = it.peer();
  await register(thief, 'ep=dev1&lt=60&lwm2m=1.1');
  assert.deepEqual(answers(thief), ['4.03 not let in']);
  await update(peer, path);
  assert.deepEqual(answers(peer), ['2.04']);
});

test('the object list may come in blocks', async () => {
  const it = new Lwm2mTest();
  const peer = it.peer();
  const payload = Buffer.from(OBJECTS);
  for (let num = 0; num * 64 < payload.length; num++) {
    const more = (num + 1) * 64 < payload.length;
    await peer.request(Method.POST, 'rd?ep=dev1&lt=60&lwm2m=1.1&b=U', {
      payload: payload.subarray(num * 64, (num + 1) * 64),
      // Content-Format link-format, Block1
      options: [
        rawOption(12, '28'),
        rawOption(27, Buffer.of((num << 4) | (more ? 8 : 0) | 2).toString('hex')),
      ],
    });
  }
  const codes = answers(peer);
  assert.deepEqual(codes, [...Array(codes.length - 1).fill('2.31'), '2.01']);
  assert.deepEqual(it.app.take(), [`lwm2m/dev1/up/resp=${REGISTERED}`]);
});

test('objects below an alternate path are told without it', async () => {
  const it = new Lwm2mTest();
  const peer = it.peer();
  await register(peer, 'ep=a&lt=60&lwm2m=1.0', '</lwm2m>;rt="oma.lwm2m";ct=11543,</lwm2m/1/0>,</lwm2m/3/0>');
  assert.deepEqual(it.app.take(), [
    'lwm2m/a/up/resp={"msgType":"register","data":{"objectList":["/1/0","/3/0"],"lwm2m":"1.0","lt":60,"ep":"a","alternatePath":"/lwm2m"}}',
  ]);
});

test('a non-confirmable Register is answered in a message of its own', async () => {
  const it = new Lwm2mTest();
  const peer = it.peer();
  await register(peer, 'ep=dev1&lt=60&lwm2m=1.1', OBJECTS, { type: MessageType.NON });
  const [answer] = peer.peer.sent;
  assert.equal(answer?.type, MessageType.NON);
  locationIn(peer.take());
});

test('topics and mountpoint have placeholders', async () => {
  const it = new Lwm2mTest({
    mountpoint: 'fleet/%c/',
    topics: { register: 'at/%a/%e', command: 'to/%e' },
  });
  it.app.subscribe('fleet/#');
  await it.registered('dev1', 'lt=60&lwm2m=1.1&imei=5');
  assert.match(it.app.take().join(), /^fleet\/dev1\/at\/192\.0\.2\.7\/dev1=\{"msgType":"register"/);
  assert.deepEqual(it.hub.engine.sessions.get('dev1')?.attachment?.filters, ['to/dev1']);
});

test('no more devices register than there may be, at all or from one peer', async () => {
  const it = new Lwm2mTest({ max_devices: 3, max_devices_per_peer: 2 });
  const peer = it.peer();
  for (const endpoint of ['a', 'b', 'c', 'a']) await register(peer, `ep=${endpoint}&lt=60&lwm2m=1.1`);
  assert.deepEqual(answers(peer), ['2.01', '2.01', '5.03 too many devices', '2.01']);
  const other = it.peer();
  for (const endpoint of ['c', 'd']) await register(other, `ep=${endpoint}&lt=60&lwm2m=1.1`);
  assert.deepEqual(answers(other), ['2.01', '5.03 too many devices']);
});

test('who is about to be let in counts as there', async () => {
  const it = new Lwm2mTest({ max_devices: 3, max_devices_per_peer: 2 });
  const [peer, other] = [it.peer(), it.peer()];
  const pending: (() => void)[] = [];
  it.authenticate(() => new Promise((resolve) => pending.push(() => resolve({ answer: 'allow' }))));
  const asked = ['a', 'b', 'c'].map((endpoint) => register(peer, `ep=${endpoint}&lt=60&lwm2m=1.1`));
  asked.push(...['c', 'd'].map((endpoint) => register(other, `ep=${endpoint}&lt=60&lwm2m=1.1`)));
  for (const allow of pending) allow();
  await Promise.all(asked);
  assert.deepEqual(answers(peer).sort(), ['2.01', '2.01', '5.03 too many devices']);
  assert.deepEqual(answers(other).sort(), ['2.01', '5.03 too many devices']);
  assert.deepEqual(it.devices, ['a', 'b', 'c']);
});

test('what is no registration is not found, and CoAP clients are told that this is the wrong port', async () => {
  const lines: { level: string; msg: string }[] = [];
  const output = { write: (text: string) => void lines.push(JSON.parse(text)), flush: async () => {} };
  const log = createLogger({ level: 'info', format: 'json', output });
  const peer = new Lwm2mTest({}, { log }).peer();
  await peer.get('rd');
  await peer.get('x');
  await peer.put('mqtt/a?c=dev1', 'on');
  await peer.request(Method.POST, 'rd/a/b');
  assert.deepEqual(answers(peer), [
    '4.05 no GET here',
    '4.04 no such resource',
    '4.04 this is the LwM2M gateway: CoAP clients publish and subscribe at the CoAP gateway, which has another port',
    '4.04 no such resource',
  ]);
  await log.flush();
  assert.deepEqual(
    lines.filter(({ level }) => level === 'warn').map(({ msg }) => msg),
    ['a CoAP client has come to the LwM2M gateway'],
  );
});
