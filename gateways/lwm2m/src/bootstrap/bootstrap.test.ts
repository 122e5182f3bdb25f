import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { ContentFormat, Method, OptionNumber, ResponseCode, uintOption } from '@portico/codec-coap';
import { decodePayload, formatPath } from '@portico/codec-lwm2m';
import type { AuthenticationAnswer } from '@portico/core';
import { answers, asks, BootstrapTest, codes, line } from './testing.js';

const TEMPLATES = [
  { endpoints: 'meter-*', write: { '/0/1': { 0: 'coap://192.0.2.1:5783', 1: false, 2: 3, 10: 101 } } },
  {
    endpoints: 'dev*',
    write: {
      '/0/1': {
        0: 'coaps://192.0.2.1:5784',
        1: false,
        2: 0,
        3: { text: '%e' },
        5: { secret: '00ff' },
        10: 101,
      },
      '/1/1': { 0: 101, 1: 3600, 7: 'U' },
    },
  },
];

const WRITES = {
  tlv: [
    'DELETE /',
    'PUT /0/1 Content-Format=application/vnd.oma.lwm2m+tlv c80016636f6170733a2f2f3139322e302e322e313a35373834c10100c10200c40364657631c20500ffc10a65',
    'PUT /1/1 Content-Format=application/vnd.oma.lwm2m+tlv c10065c2010e10c10755',
    'POST /bs',
  ],
};

/** A device asks, and takes all that it is sent. @returns what that is, a line each */
function bootstrapped(it: BootstrapTest, query: string, peer = it.peer()): string[] {
  const [answer, ...first] = asks(peer, query);
  assert.deepEqual(codes(answer === undefined ? [] : [answer]), ['2.04']);
  const lines: string[] = [];
  for (let [request] = first; request !== undefined; [request] = answers(peer, request, '2.04')) {
    lines.push(line(request));
  }
  return lines;
}

test('a device that asks is answered, then all is deleted, written and finished, one after the other', () => {
  const it = new BootstrapTest({ templates: TEMPLATES });
  assert.deepEqual(bootstrapped(it, 'ep=dev1'), WRITES.tlv);
  assert.deepEqual(it.app.take(), [
    'lwm2m/dev1/up/bootstrap={"msgType":"bootstrap","data":{"state":"started","ep":"dev1"}}',
    'lwm2m/dev1/up/bootstrap={"msgType":"bootstrap","data":{"state":"finished","ep":"dev1"}}',
  ]);
  assert.equal(it.count('bootstraps.started'), 1);
  assert.equal(it.count('bootstraps.finished'), 1);
  assert.equal(it.hub.engine.sessions.size, 1);
});

test('a device is written the format that it prefers, and TLV where that is unknown', () => {
  const it = new BootstrapTest({ templates: TEMPLATES });
  assert.deepEqual(bootstrapped(it, 'ep=dev1&pct=40'), WRITES.tlv);
  const [, write = ''] = bootstrapped(it, 'ep=meter-7&pct=110');
  assert.match(write, /^PUT \/0\/1 Content-Format=application\/senml\+json /);
  const json = Buffer.from(write.slice(write.lastIndexOf(' ') + 1), 'hex').toString();
  assert.deepEqual(
    decodePayload(110, [0, 1], Buffer.from(json), () => undefined).map(({ path, value }) => [
      formatPath(path),
      value,
    ]),
    [
      ['/0/1/0', 'coap://192.0.2.1:5783'],
      ['/0/1/1', false],
      ['/0/1/2', 3],
      ['/0/1/10', 101],
    ],
  );
  assert.match(bootstrapped(it, 'ep=dev1&pct=112')[2] ?? '', /^PUT \/1\/1 Content-Format=.*senml.*cbor/);
});

const REFUSED: readonly (readonly [query: string, answer: string])[] = [
  ['pct=110', '4.00 ep is missing'],
  ['ep=stranger', '4.00 there is no template for this endpoint name'],
];

for (const [query, answer] of REFUSED) {
  test(`/bs?${query} is answered ${answer}`, () => {
    const it = new BootstrapTest({ templates: TEMPLATES });
    assert.deepEqual(codes(asks(it.peer(), query)), [answer]);
    assert.equal(it.count('bootstraps.refused'), 1);
    assert.deepEqual(it.app.take(), []);
  });
}

test('an error of the device ends its bootstrap, and is told', () => {
  const it = new BootstrapTest({ templates: TEMPLATES });
  const peer = it.peer();
  const [, remove] = asks(peer, 'ep=dev1');
  const [write] = answers(peer, remove, '2.02');
  assert.deepEqual(answers(peer, write, '4.05'), []);
  assert.deepEqual(it.app.take().slice(1), [
    'lwm2m/dev1/up/bootstrap={"msgType":"bootstrap","data":{"state":"failed","step":"write /0/1","reason":"4.05","ep":"dev1"}}',
  ]);
  assert.equal(it.count('bootstraps.failed'), 1);
});

test('a device that does not answer, or is gone, is given up', () => {
  const it = new BootstrapTest({ templates: TEMPLATES });
  asks(it.peer(), 'ep=dev1');
  it.hub.clock.advance(100_000);
  assert.match(it.app.take()[1] ?? '', /"state":"failed","step":"delete \/","reason":"timeout"/);
  const peer = it.peer();
  asks(peer, 'ep=dev1');
  peer.closes();
  assert.match(it.app.take()[1] ?? '', /"state":"failed","step":"delete \/","reason":"closed"/);
  assert.equal(it.hub.engine.sessions.size, 1);
});

test('a device is first asked what it has, where that is wanted, and need not tell', () => {
  const it = new BootstrapTest({ templates: TEMPLATES, discover: true });
  const peer = it.peer();
  const [, discover] = asks(peer, 'ep=dev1');
  assert.ok(discover);
  assert.equal(line(discover), 'GET / Accept=application/link-format');
  it.app.take();
  const options = [uintOption(OptionNumber.ContentFormat, ContentFormat.LinkFormat)];
  const payload = '</>;lwm2m="1.1",</0/0>,</1/0>;ssid=101';
  peer.responds(discover, ResponseCode.Content, { options, payload });
  assert.deepEqual(it.app.take(), [
    'lwm2m/dev1/up/bootstrap={"msgType":"bootstrap","data":{"state":"discovered","links":["</>;lwm2m=\\"1.1\\"","</0/0>","</1/0>;ssid=101"],"ep":"dev1"}}',
  ]);
  const [next] = peer.take();
  assert.equal(next && line(next), WRITES.tlv[0]);
  const old = it.peer();
  const [, asked] = asks(old, 'ep=dev2');
  assert.deepEqual(answers(old, asked, '4.05').map(line), [WRITES.tlv[0]]);
});

test('a device that asks again begins anew', () => {
  const it = new BootstrapTest({ templates: TEMPLATES });
  const peer = it.peer();
  asks(peer, 'ep=dev1');
  assert.deepEqual(bootstrapped(it, 'ep=dev1', peer), WRITES.tlv);
  assert.equal(it.count('bootstraps.failed'), 0);
  assert.equal(it.count('bootstraps.finished'), 1);
});

test('no more devices are bootstrapped at a time than there may be', () => {
  const it = new BootstrapTest({ templates: TEMPLATES, max_bootstraps: 1 });
  asks(it.peer(), 'ep=dev1');
  assert.deepEqual(codes(asks(it.peer(), 'ep=dev2')), ['5.03 too many bootstraps are under way']);
  it.gateway.stop?.();
  assert.equal(it.hub.engine.sessions.size, 1);
});

test('who is about to be let in counts among them', async () => {
  const it = new BootstrapTest({ templates: TEMPLATES, max_bootstraps: 1 });
  let letIn: (answer: AuthenticationAnswer) => void = () => {};
  it.hub.access.addAuthenticator({
    name: 'test',
    authenticate: () => new Promise<AuthenticationAnswer>((resolve) => (letIn = resolve)),
  });
  asks(it.peer(), 'ep=dev1');
  const full = ['5.03 too many bootstraps are under way'];
  assert.deepEqual(codes(asks(it.peer(), 'ep=dev2')), full);
  letIn({ answer: 'deny', refusal: 'not_authorized' });
  await it.hub.nextTurn();
  const third = it.peer();
  assert.deepEqual(codes(asks(third, 'ep=dev3')), [], 'there is room again: it is asked for');
  letIn({ answer: 'allow' });
  await it.hub.nextTurn();
  assert.equal(codes(third.take())[0], '2.04');
  assert.deepEqual(codes(asks(it.peer(), 'ep=dev4')), full);
});

test('the name of a device with a key has to be the identity of that key, unless the configuration allows others', () => {
  const it = new BootstrapTest({ templates: TEMPLATES });
  const key = { transport: 'dtls', pskIdentity: 'dev1' } as const;
  assert.deepEqual(codes(asks(it.peer(key), 'ep=dev2')), [
    '4.03 the endpoint name is not the identity of the key',
  ]);
  assert.deepEqual(bootstrapped(it, 'ep=dev1', it.peer(key)), WRITES.tlv);
  const other = new BootstrapTest({ templates: TEMPLATES, identity_is_endpoint: false });
  assert.equal(bootstrapped(other, 'ep=dev2', other.peer(key)).length, 4);
});

test('the registered device of the same name keeps its session, also where the listener proves names', () => {
  const it = new BootstrapTest({ templates: TEMPLATES });
  const registered = it.hub.client('dev1');
  const proven = { clientId: 'dev1', username: undefined };
  assert.equal(bootstrapped(it, 'ep=other', it.peer({ proven })).length, 4);
  assert.equal(registered.detachedBy, undefined);
});

function pskFile(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'portico-bootstrap-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'psk');
  writeFileSync(file, 'dev1:secret-key\n');
  return file;
}

test('each device gets its own key from a file; one that has none is not bootstrapped, and no key is logged', async (t) => {
  const write = { '/0/1': { 3: { text: '%e' }, 5: { key_of: '%e' } } };
  const it = new BootstrapTest({ psk_file: pskFile(t), templates: [{ endpoints: '*', write }] });
  await it.gateway.prepare?.([], []);
  const [, wrote = ''] = bootstrapped(it, 'ep=dev1');
  assert.ok(wrote.includes(Buffer.from('secret-key').toString('hex')));
  assert.deepEqual(codes(asks(it.peer(), 'ep=dev2')), ['5.00 the template is wrong']);
  assert.ok(it.hub.errors.every((error) => !String(error).includes('secret-key')));
});

test('a template whose value does not fit is told in the log', () => {
  const it = new BootstrapTest({ templates: [{ endpoints: '*', write: { '/1/1': { 0: 'no number' } } }] });
  assert.deepEqual(codes(asks(it.peer(), 'ep=dev1')), ['5.00 the template is wrong']);
});

test('a bootstrap pack is all of it in one answer', () => {
  const it = new BootstrapTest({ templates: TEMPLATES });
  const peer = it.peer();
  const accept = (format: number) => ({ options: [uintOption(OptionNumber.Accept, format)] });
  peer.request(Method.GET, 'bspack?ep=dev1', accept(ContentFormat.SenmlCbor));
  const [pack] = peer.take();
  assert.ok(pack);
  const nodes = decodePayload(ContentFormat.SenmlCbor, [], pack.payload, () => undefined);
  assert.equal(nodes.length, 9);
  assert.deepEqual(it.app.take(), [
    'lwm2m/dev1/up/bootstrap={"msgType":"bootstrap","data":{"state":"pack","ep":"dev1"}}',
  ]);
  peer.request(Method.GET, 'bspack?ep=dev1', accept(ContentFormat.Lwm2mTlv));
  peer.request(Method.GET, 'bspack?ep=stranger');
  peer.request(Method.GET, 'rd?ep=dev1');
  assert.deepEqual(codes(peer.take()), [
    '4.06 SenML CBOR or SenML JSON',
    '4.00 there is no template for this endpoint name',
    '4.04 no such resource: devices register at the LwM2M gateway',
  ]);
});

test('what devices are written has to be object instances and resources', async () => {
  const { bootstrapConfig } = await import('./bootstrap-config.js');
  const parses = (write: object) =>
    bootstrapConfig.safeParse({ templates: [{ endpoints: '*', write }] }).success;
  assert.equal(parses({ '/0/1': { 0: 'x' } }), true);
  for (const write of [
    { '/0': { 0: 'x' } },
    { '/0/1/0': { 0: 'x' } },
    { '/0/1': { a: 'x' } },
    { '/0/1': { 5: { secret: 'abc' } } },
    { '/0/1': { 5: { file: 'x' } } },
  ]) {
    assert.equal(parses(write), false, JSON.stringify(write));
  }
});
