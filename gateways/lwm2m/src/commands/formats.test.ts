import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ContentFormat } from '@portico/codec-coap';
import { CommandTest, type ResponseParts } from './testing/command-test.js';

/** Each command in each format that a device may have said it takes, from the topic to the bytes and back. */

const { TextPlain, OctetStream, Cbor, SenmlJson, SenmlCbor, Lwm2mTlv, Lwm2mJson } = ContentFormat;

const NAMES = new Map<number, string>([
  [TextPlain, 'text/plain;charset=utf-8'],
  [OctetStream, 'application/octet-stream'],
  [Cbor, 'application/cbor'],
  [SenmlJson, 'application/senml+json'],
  [SenmlCbor, 'application/senml+cbor'],
  [Lwm2mTlv, 'application/vnd.oma.lwm2m+tlv'],
  [Lwm2mJson, 'application/vnd.oma.lwm2m+json'],
]);

/** A device that has said which formats it takes: `ct` of its root. */
async function device(...formats: readonly number[]): Promise<CommandTest> {
  const it = new CommandTest();
  const root = `</>;rt="oma.lwm2m";ct="${formats.join(' ')}"`;
  await it.register('lt=3600&lwm2m=1.1&b=U', `${root},</1/0>,</3/0>,</5/0>,</16/0>`);
  return it;
}

const hexOf = (text: string) => Buffer.from(text).toString('hex');
/** What is no JSON stands there in hexadecimal. */
const payloadHex = (payload: string) => (/^[[{]/.test(payload) ? hexOf(payload) : payload);

/** What is written: the command, and how its request begins. */
const WRITES = {
  text: [{ path: '/3/0/14', value: '+08' }, 'PUT /3/0/14'],
  integer: [{ path: '/1/0/1', value: 300 }, 'PUT /1/0/1'],
  bytes: [{ path: '/5/0/0', value: 'AQL/' }, 'PUT /5/0/0'],
  several: [
    {
      basePath: '/3/0',
      content: [
        { path: '14', value: '+08' },
        { path: '13', value: 1_700_000_000 },
      ],
    },
    'POST /3/0',
  ],
  instances: [
    {
      basePath: '/16/0/0',
      content: [
        { path: '0', value: 'a' },
        { path: '1', value: 'b' },
      ],
    },
    'PUT /16/0/0',
  ],
} as const;

type Written = keyof typeof WRITES;

/** Payloads of single values by themselves, and of all else in TLV, that a device gets which takes no more. */
const IN_TLV: Record<Written, string> = {
  text: 'c30e2b3038',
  integer: 'c201012c',
  bytes: 'c3000102ff',
  several: 'c30e2b3038c40d6553f100',
  instances: '8600410061410162',
};

/** By the format that the device takes; in JSON or in hexadecimal. */
const PAYLOADS: readonly (readonly [number, Record<Written, string>])[] = [
  [Lwm2mTlv, IN_TLV],
  [
    Lwm2mJson,
    {
      text: '{"bn":"/3/0/14","e":[{"sv":"+08"}]}',
      integer: '{"bn":"/1/0/1","e":[{"v":300}]}',
      bytes: '{"bn":"/5/0/0","e":[{"sv":"AQL/"}]}',
      several: '{"bn":"/3/0/","e":[{"n":"14","sv":"+08"},{"n":"13","v":1700000000}]}',
      instances: '{"bn":"/16/0/","e":[{"n":"0/0","sv":"a"},{"n":"0/1","sv":"b"}]}',
    },
  ],
  [
    SenmlJson,
    {
      text: '[{"bn":"/3/0/14","vs":"+08"}]',
      integer: '[{"bn":"/1/0/1","v":300}]',
      bytes: '[{"bn":"/5/0/0","vd":"AQL_"}]',
      several: '[{"bn":"/3/0/","n":"14","vs":"+08"},{"n":"13","v":1700000000}]',
      instances: '[{"bn":"/16/0/","n":"0/0","vs":"a"},{"n":"0/1","vs":"b"}]',
    },
  ],
  [
    SenmlCbor,
    {
      text: '81a221672f332f302f313403632b3038',
      integer: '81a221662f312f302f310219012c',
      bytes: '81a221662f352f302f3008430102ff',
      several: '82a321652f332f302f0062313403632b3038a200623133021a6553f100',
      instances: '82a321662f31362f302f0063302f30036161a20063302f31036162',
    },
  ],
  [Cbor, { ...IN_TLV, text: '632b3038', integer: '19012c', bytes: '430102ff' }],
  [TextPlain, { ...IN_TLV, text: hexOf('+08'), integer: hexOf('300') }],
  [OctetStream, { ...IN_TLV, bytes: '0102ff' }],
];

for (const [format, payloads] of PAYLOADS) {
  for (const [what, [data, request]] of Object.entries(WRITES)) {
    const payload = payloads[what as Written];
    test(`a device that takes ${format} is written ${what}`, async () => {
      const it = await device(format);
      it.command({ reqID: 1, msgType: 'write', data });
      const written = NAMES.get(payload === IN_TLV[what as Written] ? Lwm2mTlv : format);
      assert.deepEqual(it.look(), [`${request} Content-Format=${written} ${payloadHex(payload)}`]);
    });
  }
}

/** Requests for an instance, by what it has: created as `/1/9`, replaced by one resource. */
const INSTANCES: readonly (readonly [number, created: string, replaced: string])[] = [
  [Lwm2mTlv, '0709c201012cc10601', 'c30e2b3038'],
  [
    Lwm2mJson,
    '{"bn":"/1/9/","e":[{"n":"1","v":300},{"n":"6","bv":true}]}',
    '{"bn":"/3/0/14","e":[{"sv":"+08"}]}',
  ],
  [SenmlJson, '[{"bn":"/1/9/","n":"1","v":300},{"n":"6","vb":true}]', '[{"bn":"/3/0/14","vs":"+08"}]'],
  [SenmlCbor, '82a321652f312f392f0061310219012ca200613604f5', '81a221672f332f302f313403632b3038'],
];

for (const [format, created, replaced] of INSTANCES) {
  test(`a device that takes ${format} has an instance created and another replaced`, async () => {
    const it = await device(format);
    const name = NAMES.get(format);
    const content = [
      { path: '/9/1', value: 300 },
      { path: '/9/6', value: true },
    ];
    it.command({ reqID: 1, msgType: 'create', data: { basePath: '/1', content } });
    const request = it.request();
    assert.equal(it.line(request), `POST /1 Content-Format=${name} ${payloadHex(created)}`);
    it.responds(request, '2.01');
    const data = { basePath: '/3/0', mode: 'replace', content: [{ path: '14', value: '+08' }] };
    it.command({ reqID: 2, msgType: 'write', data });
    assert.deepEqual(it.look(), [`PUT /3/0 Content-Format=${name} ${payloadHex(replaced)}`]);
  });
}

for (const format of [Cbor, TextPlain]) {
  test(`a device that takes ${format} gets a single value below the path in TLV`, async () => {
    const it = await device(format);
    const data = { basePath: '/3/0', content: [{ path: '14', value: '+08' }] };
    it.command({ reqID: 1, msgType: 'write', data });
    assert.deepEqual(it.look(), [`POST /3/0 Content-Format=${NAMES.get(Lwm2mTlv)} c30e2b3038`]);
  });
}

test('where the device is to choose the instance, TLV leaves it out', async () => {
  const it = await device(SenmlJson);
  const data = { basePath: '/1', content: [{ path: '1', value: 300 }] };
  it.command({ reqID: 1, msgType: 'create', data });
  assert.deepEqual(it.look(), [`POST /1 Content-Format=${NAMES.get(Lwm2mTlv)} c201012c`]);
});

test('of several formats that a device takes the best one is chosen', async () => {
  const it = await device(TextPlain, Lwm2mJson, Lwm2mTlv, SenmlCbor, SenmlJson);
  it.command({ reqID: 1, msgType: 'read', data: { path: '/3/0' } });
  assert.deepEqual(it.look(), [`GET /3/0 Accept=${NAMES.get(SenmlCbor)}`]);
});

/** `/3/0` with a text, a resource with two instances, an integer and a time. */
const READ: readonly (readonly [number, string])[] = [
  [Lwm2mTlv, 'c40041636d658606410001410105c10964c40d6553f100'],
  [
    Lwm2mJson,
    '{"bn":"/3/0/","e":[{"n":"0","sv":"Acme"},{"n":"6/0","v":1},{"n":"6/1","v":5},{"n":"9","v":100},{"n":"13","v":1700000000}]}',
  ],
  [
    SenmlJson,
    '[{"bn":"/3/0/","n":"0","vs":"Acme"},{"n":"6/0","v":1},{"n":"6/1","v":5},{"n":"9","v":100},{"n":"13","v":1700000000}]',
  ],
  [
    SenmlCbor,
    '85a321652f332f302f006130036441636d65a20063362f300201a20063362f310205a2006139021864a200623133021a6553f100',
  ],
];

const CONTENT =
  '"content":[{"value":"Acme","path":"/3/0/0"},{"value":1,"path":"/3/0/6/0"},{"value":5,"path":"/3/0/6/1"},{"value":100,"path":"/3/0/9"},{"value":1700000000,"path":"/3/0/13"}],"codeMsg":"content","code":"2.05"';

for (const [format, payload] of READ) {
  test(`an instance is read and observed in ${format}`, async () => {
    const it = await device(format);
    const name = NAMES.get(format);
    const answer: ResponseParts = { format, hex: payloadHex(payload) };
    it.command({ reqID: 1, msgType: 'read', data: { path: '/3/0' } });
    const read = it.request();
    assert.equal(it.line(read), `GET /3/0 Accept=${name}`);
    it.responds(read, '2.05', answer);
    it.command({ reqID: 2, msgType: 'observe', data: { path: '/3/0' } });
    const observe = it.request();
    assert.equal(it.line(observe), `GET /3/0 Observe=0 Accept=${name}`);
    it.responds(observe, '2.05', { ...answer, observe: 1 });
    it.notifies(observe, 2, answer.hex ?? '', { format });
    it.command({ reqID: 3, msgType: 'cancel-observe', data: { path: '/3/0' } });
    const cancel = it.request();
    assert.equal(it.line(cancel), `GET /3/0 Observe=1 Accept=${name}`);
    it.responds(cancel, '2.05', answer);
    const data = `"data":{"reqPath":"/3/0",${CONTENT}}`;
    assert.deepEqual(it.published(), [
      `resp={"reqID":1,"msgType":"read",${data}}`,
      `resp={"reqID":2,"msgType":"observe",${data}}`,
      `notify={"seqNum":2,"reqID":2,"msgType":"notify",${data}}`,
      `resp={"reqID":3,"msgType":"cancel-observe",${data}}`,
    ]);
  });
}

/** A single value by itself: its path, its bytes, and how it is told. */
const SINGLE: readonly (readonly [number, path: string, hex: string, value: string])[] = [
  [TextPlain, '/3/0/9', hexOf('100'), '100'],
  [TextPlain, '/3/0/0', hexOf('Acme'), '"Acme"'],
  [TextPlain, '/1/0/6', hexOf('1'), 'true'],
  [TextPlain, '/5/0/0', hexOf('AQL/'), '"AQL/"'],
  [Cbor, '/3/0/9', '1864', '100'],
  [Cbor, '/3/0/0', '6441636d65', '"Acme"'],
  [Cbor, '/1/0/6', 'f5', 'true'],
  [Cbor, '/5/0/0', '430102ff', '"AQL/"'],
  [OctetStream, '/5/0/0', '0102ff', '"AQL/"'],
];

for (const [format, path, hex, value] of SINGLE) {
  test(`${path} is read and observed in ${format}`, async () => {
    const it = await device(format);
    it.command({ reqID: 1, msgType: 'observe', data: { path } });
    const request = it.request();
    assert.equal(it.line(request), `GET ${path} Observe=0`);
    it.responds(request, '2.05', { format, hex, observe: 1 });
    it.notifies(request, 2, hex, { format });
    const data = `"data":{"reqPath":"${path}","content":[{"value":${value},"path":"${path}"}],"codeMsg":"content","code":"2.05"}`;
    assert.deepEqual(it.published(), [
      `resp={"reqID":1,"msgType":"observe",${data}}`,
      `notify={"seqNum":2,"reqID":1,"msgType":"notify",${data}}`,
    ]);
  });
}

/** What composite requests carry: two paths, two values; and what two values are answered as. */
const COMPOSITE: readonly (readonly [number, paths: string, values: string])[] = [
  [SenmlJson, '[{"n":"/3/0/14"},{"n":"/1/0/1"}]', '[{"n":"/3/0/14","vs":"+08"},{"n":"/1/0/1","v":60}]'],
  [
    SenmlCbor,
    '82a100672f332f302f3134a100662f312f302f31',
    '82a200672f332f302f313403632b3038a200662f312f302f3102183c',
  ],
];

for (const [format, paths, values] of COMPOSITE) {
  test(`several paths are read, observed and written together in ${format}`, async () => {
    const it = await device(format);
    const name = NAMES.get(format);
    const both = `Content-Format=${name} Accept=${name} ${payloadHex(paths)}`;
    const answer = { format, hex: payloadHex(values) };
    const data = { paths: ['/3/0/14', '/1/0/1'] };
    const asked: string[] = [];
    for (const msgType of ['read-composite', 'observe-composite', 'cancel-observe-composite']) {
      it.command({ reqID: 1, msgType, data });
      const request = it.request();
      asked.push(it.line(request));
      it.responds(request, '2.05', msgType === 'observe-composite' ? { ...answer, observe: 1 } : answer);
      if (msgType === 'observe-composite') it.notifies(request, 2, answer.hex, { format });
    }
    assert.deepEqual(asked, [`FETCH / ${both}`, `FETCH / Observe=0 ${both}`, `FETCH / Observe=1 ${both}`]);
    const told =
      '"data":{"reqPath":["/3/0/14","/1/0/1"],"content":[{"value":"+08","path":"/3/0/14"},{"value":60,"path":"/1/0/1"}],"codeMsg":"content","code":"2.05"}';
    assert.deepEqual(it.published(), [
      `resp={"reqID":1,"msgType":"read-composite",${told}}`,
      `resp={"reqID":1,"msgType":"observe-composite",${told}}`,
      `notify={"seqNum":2,"reqID":1,"msgType":"notify",${told}}`,
      `resp={"reqID":1,"msgType":"cancel-observe-composite",${told}}`,
    ]);
    const content = [
      { path: '/3/0/14', value: '+08' },
      { path: '/1/0/1', value: 60 },
    ];
    it.command({ reqID: 2, msgType: 'write-composite', data: { content } });
    assert.deepEqual(it.look(), [`iPATCH / Content-Format=${name} ${answer.hex}`]);
  });
}

test('a float shows that it is one, a time is a number, bytes are base64', async () => {
  const it = new CommandTest();
  await it.register('lt=60&lwm2m=1.1&b=U', '</6/0>');
  it.command({ reqID: 1, msgType: 'read', data: { path: '/6/0' } });
  it.responds(it.request(), '2.05', { format: Lwm2mTlv, hex: 'c40045000000c30401ff02c4056553f100' });
  assert.match(
    it.published().join(),
    /\{"value":2048\.0,"path":"\/6\/0\/0"\},\{"value":"Af8C","path":"\/6\/0\/4"\},\{"value":1700000000,"path":"\/6\/0\/5"\}/,
  );
});
