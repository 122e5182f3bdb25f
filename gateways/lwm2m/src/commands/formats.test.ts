import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ContentFormat } from '@portico/codec-coap';
import { CommandTest } from './testing/command-test.js';
import { requestFor } from './testing/parts.js';

const CBOR = { contentFormats: [110, 112, 11542, 11543] };
const JSON_ONLY = { contentFormats: [110] };

/** The payload of a request that is JSON. */
function jsonIn(request: string): string {
  return Buffer.from(request.split(' ').at(-1) ?? '', 'hex').toString();
}

test('a device that lists SenML CBOR is asked for it, and sent it', () => {
  assert.equal(
    requestFor({ msgType: 'read', data: { path: '/3/0' } }, CBOR),
    'GET /3/0 Accept=application/senml+cbor',
  );
  assert.equal(
    requestFor({ msgType: 'observe', data: { path: '/3/0/9' } }, CBOR),
    'GET /3/0/9 Observe=0 Accept=application/senml+cbor',
  );
  const write = requestFor({ msgType: 'write', data: { path: '/3/0/14', value: '+08' } }, CBOR);
  assert.match(write, /^PUT \/3\/0\/14 Content-Format=application\/senml\+cbor 81a2[\da-f]+632b3038$/);
});

test('a device that lists SenML JSON alone gets that', () => {
  const write = requestFor({ msgType: 'write', data: { path: '/3/0/14', value: '+08' } }, JSON_ONLY);
  assert.ok(write.startsWith('PUT /3/0/14 Content-Format=application/senml+json '));
  assert.match(jsonIn(write), /"vs":"\+08"/);
  const create = { basePath: '/1', content: [{ path: '/9/1', value: 300 }] };
  assert.match(
    requestFor({ msgType: 'create', data: create }, JSON_ONLY),
    /^POST \/1 Content-Format=application\/senml\+json /,
  );
});

test('where the device is to choose the instance, TLV leaves it out', () => {
  const create = { basePath: '/1', content: [{ path: '1', value: 300 }] };
  assert.match(
    requestFor({ msgType: 'create', data: create }, JSON_ONLY),
    /^POST \/1 Content-Format=application\/vnd\.oma\.lwm2m\+tlv c201012c$/,
  );
});

test('a device that lists LwM2M JSON alone gets that', () => {
  const device = { contentFormats: [11543] };
  const write = requestFor({ msgType: 'write', data: { path: '/3/0/14', value: '+08' } }, device);
  assert.ok(write.startsWith('PUT /3/0/14 Content-Format=application/vnd.oma.lwm2m+json '));
  assert.match(jsonIn(write), /"sv":"\+08"/);
});

test('a device that lists CBOR alone gets a value as CBOR', () => {
  const device = { contentFormats: [60] };
  assert.equal(
    requestFor({ msgType: 'write', data: { path: '/3/0/14', value: '+08' } }, device),
    'PUT /3/0/14 Content-Format=application/cbor 632b3038',
  );
});

test('composite requests name their paths in SenML, and ask for the same format', () => {
  const read = { msgType: 'read-composite', data: { paths: ['/3/0/9', '/1'] } };
  const json = requestFor(read);
  assert.ok(json.startsWith('FETCH / Content-Format=application/senml+json Accept=application/senml+json '));
  assert.deepEqual(namesIn(jsonIn(json)), ['/3/0/9', '/1']);
  assert.match(
    requestFor(read, CBOR),
    /^FETCH \/ Content-Format=application\/senml\+cbor Accept=application\/senml\+cbor 82/,
  );
  const observe = requestFor({ ...read, msgType: 'observe-composite' });
  assert.ok(observe.startsWith('FETCH / Observe=0 Content-Format='));
  const cancel = requestFor({ ...read, msgType: 'cancel-observe-composite' });
  assert.ok(cancel.startsWith('FETCH / Observe=1 Content-Format='));
  const content = [
    { path: '/3/0/14', value: '+08' },
    { path: '/1/0/1', value: 60 },
  ];
  const write = requestFor({ msgType: 'write-composite', data: { content } });
  assert.ok(write.startsWith('iPATCH / Content-Format=application/senml+json '));
  assert.deepEqual(namesIn(jsonIn(write)), ['/3/0/14', '/1/0/1']);
});

function namesIn(senml: string): string[] {
  const records = JSON.parse(senml) as { bn?: string; n?: string }[];
  let base = '';
  return records.map(({ bn, n = '' }) => {
    base = bn ?? base;
    return base + n;
  });
}

const ANSWERS: readonly (readonly [number, string, string])[] = [
  [ContentFormat.TextPlain, '/3/0/9', Buffer.from('100').toString('hex')],
  [ContentFormat.Cbor, '/3/0/9', '1864'],
  [ContentFormat.SenmlJson, '/3/0/9', Buffer.from('[{"n":"/3/0/9","v":100}]').toString('hex')],
  [ContentFormat.SenmlCbor, '/3/0/9', '81a200662f332f302f39021864'],
  [ContentFormat.Lwm2mTlv, '/3/0/9', 'c10964'],
  [ContentFormat.Lwm2mJson, '/3/0/9', Buffer.from('{"bn":"/3/0/9","e":[{"v":100}]}').toString('hex')],
];

for (const [format, path, hex] of ANSWERS) {
  test(`an answer in content format ${format} is told as any other`, async () => {
    const it = new CommandTest();
    await it.register();
    it.command({ reqID: 1, msgType: 'read', data: { path } });
    it.responds(it.request(), '2.05', { format, hex });
    assert.deepEqual(it.published(), [
      'resp={"reqID":1,"msgType":"read","data":{"reqPath":"/3/0/9","content":[{"value":100,"path":"/3/0/9"}],"codeMsg":"content","code":"2.05"}}',
    ]);
  });
}

test('a composite answer holds values of several objects', async () => {
  const it = new CommandTest();
  await it.register();
  it.command({ reqID: 1, msgType: 'read-composite', data: { paths: ['/3/0/9', '/1/0/1'] } });
  const hex = Buffer.from('[{"bn":"/3/0/","n":"9","v":100},{"bn":"/1/0/","n":"1","v":60}]').toString('hex');
  it.responds(it.request(), '2.05', { format: ContentFormat.SenmlJson, hex });
  assert.deepEqual(it.published(), [
    'resp={"reqID":1,"msgType":"read-composite","data":{"reqPath":["/3/0/9","/1/0/1"],"content":[{"value":100,"path":"/3/0/9"},{"value":60,"path":"/1/0/1"}],"codeMsg":"content","code":"2.05"}}',
  ]);
});

test('a float shows that it is one, a time is a number, bytes are base64', async () => {
  const it = new CommandTest();
  await it.register('lt=60&lwm2m=1.1&b=U', '</6/0>');
  it.command({ reqID: 1, msgType: 'read', data: { path: '/6/0' } });
  it.responds(it.request(), '2.05', { format: 11542, hex: 'c40045000000c30401ff02c4056553f100' });
  assert.match(
    it.published().join(),
    /\{"value":2048\.0,"path":"\/6\/0\/0"\},\{"value":"Af8C","path":"\/6\/0\/4"\},\{"value":1700000000,"path":"\/6\/0\/5"\}/,
  );
});
