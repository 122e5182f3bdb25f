import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GBK, RecordError, UTF8 } from '@portico/record';
import { decodeBody } from './body.js';
import { Jt808Decoder } from './decoder.js';
import { describe } from './describe.js';
import type { Edition } from './editions.js';
import { type EncodeOptions, encodeMessage, type Jt808Message } from './encoder.js';
import type { Jt808Frame } from './frame.js';

const PHONE = '013800138000';
const POSITION_HEX = '000000000000000302602f8806f01658003200000000260509164227';

function decodeFrame(bytes: Buffer | undefined): Jt808Frame {
  assert.ok(bytes);
  const decoder = new Jt808Decoder();
  decoder.push(bytes);
  const frame = decoder.next();
  assert.ok(frame?.kind === 'frame');
  return frame;
}

/** A frame with these bytes as its body. */
function frameOf(msg_id: number, hex: string, edition: Edition = 2013): Jt808Frame {
  const body = Buffer.from(hex, 'hex');
  const header = { msg_id, encrypt: 0, len: body.length, phone: PHONE, msg_sn: 1 };
  return { kind: 'frame', header, edition, body };
}

function encode(header: object, body: unknown, options?: EncodeOptions): Buffer[] {
  return encodeMessage(
    { header: { phone: PHONE, msg_sn: 1, ...header } as Jt808Message['header'], body },
    options,
  );
}

test('items that devices get wrong are passed on as bytes, and the rest is read', () => {
  const { body, faults } = decodeBody(frameOf(0x0200, `${POSITION_HEX}0102000130011f2b0100`));
  assert.deepEqual(body.extra, { '1': 'AAE=', '43': 'AA==', rssi: 31 });
  assert.deepEqual(
    faults.map(({ path, code }) => [path, code]),
    [
      ['extra.mileage', 'truncated'],
      ['extra.analog.ad1', 'truncated'],
    ],
  );
});

test('a message that ends too soon gives what there is', () => {
  const { body, faults } = decodeBody(frameOf(0x0200, '0000000000000003026030'));
  assert.deepEqual(body, { alarm: 0, status: 3 });
  assert.deepEqual(
    faults.map(({ path, code }) => [path, code]),
    [['latitude', 'truncated']],
  );
});

test('a location of a batch that is too short does not take the others with it', () => {
  const { body, faults } = decodeBody(frameOf(0x0704, `0002000002ffff001c${POSITION_HEX}`));
  const [broken, sound] = body.location as Record<string, unknown>[];
  assert.deepEqual(broken, { data: '//8=' });
  assert.equal(sound?.longitude, 116_397_656);
  assert.deepEqual(
    faults.map(({ path }) => path),
    ['location.0.alarm'],
  );
});

test('a batch with fewer locations than it says has those that are there', () => {
  const { body, faults } = decodeBody(frameOf(0x0704, `000200001c${POSITION_HEX}`));
  assert.equal((body.location as unknown[]).length, 1);
  assert.equal(faults.length, 1);
});

test('a parameter that does not fit its id stands as base64', () => {
  const { body, faults } = decodeBody(frameOf(0x0104, '00050200000001010a0000001303313233'));
  assert.deepEqual(body.params, [
    { id: 1, value: 'Cg==' },
    { id: 0x13, value: '123' },
  ]);
  assert.equal(faults.length, 1);
});

test('bytes behind a message are a fault, and so is a wrong length in the header', () => {
  const long = decodeBody(frameOf(0x0001, '000100020003'));
  assert.deepEqual(long.body, { seq: 1, id: 2, result: 0 });
  assert.equal(long.faults[0]?.reason, '1 byte too many');
  const frame = frameOf(0x0002, '');
  const { faults } = decodeBody({ ...frame, header: { ...frame.header, len: 7 } });
  assert.deepEqual(
    faults.map(({ path, reason }) => [path, reason]),
    [['header.len', 'the header tells of 7 bytes, there are 0']],
  );
});

test('what is not known, encrypted or a part is passed on as it is, and written so', () => {
  const unknown = frameOf(0x0f01, 'cafe');
  assert.deepEqual(decodeBody(unknown).body, { unknown_id: true, data: 'yv4=' });
  const secret = { ...unknown, header: { ...unknown.header, msg_id: 0x0200, encrypt: 1 } };
  assert.deepEqual(decodeBody(secret).body, { encrypted: true, data: 'yv4=' });
  const part = { ...unknown, header: { ...unknown.header, frag_total: 2, frag_sn: 1 } };
  assert.deepEqual(decodeBody(part).body, { fragment: true, data: 'yv4=' });
  for (const header of [{ msg_id: 0x8f01 }, { msg_id: 0x8300, encrypt: 1 }]) {
    const again = decodeFrame(encode(header, { data: 'yv4=' })[0]);
    assert.equal(again.body.toString('hex'), 'cafe');
    assert.equal(again.header.encrypt, header.encrypt ?? 0);
  }
});

const REGISTRATION = {
  province: 44,
  city: 300,
  manufacturer: '70111',
  model: 'BSJ',
  dev_id: '0567872',
  color: 1,
  license_number: '粤B88888',
};
const VIN = 'LSVAM4187C2184841';

test('registrations tell their edition by their length', () => {
  for (const edition of [2011, 2013, 2019] as const) {
    for (const license_number of [REGISTRATION.license_number, VIN]) {
      const body = { ...REGISTRATION, license_number };
      const frame = decodeFrame(encode({ msg_id: 0x0100 }, body, { edition })[0]);
      const decoded = decodeBody(frame);
      assert.deepEqual(decoded, { body, faults: [], edition });
    }
  }
});

test('a registration of 2013 behind a header of 2019 is read by its length', () => {
  const { body } = decodeFrame(encode({ msg_id: 0x0100 }, REGISTRATION)[0]);
  const frame = frameOf(0x0100, body.toString('hex'), 2019);
  assert.deepEqual(decodeBody(frame).body, REGISTRATION);
});

test('drivers of 2011 are known by their first byte', () => {
  const body = {
    driver_name: '张三丰',
    id_card: '440301199001011234',
    certificate: '4403010001',
    organization: '深圳',
  };
  const decoded = decodeBody(decodeFrame(encode({ msg_id: 0x0702 }, body, { edition: 2011 })[0]));
  assert.deepEqual(decoded, { body, faults: [], edition: 2011 });
});

test('long bodies are cut into parts with serial numbers one after the other', () => {
  const data = Buffer.alloc(2100, 7).toString('base64');
  const frames = encode({ msg_id: 0x8900, msg_sn: 65_535 }, { type: 1, data }).map(decodeFrame);
  assert.deepEqual(
    frames.map(({ header }) => [header.msg_sn, header.frag_total, header.frag_sn, header.len]),
    [
      [65_535, 3, 1, 1023],
      [0, 3, 2, 1023],
      [1, 3, 3, 55],
    ],
  );
});

test('text is GBK both ways, or UTF-8', () => {
  const text = '前方拥堵，请绕行 ①㎡';
  const [gbk] = encode({ msg_id: 0x8300 }, { flag: 1, text });
  assert.equal(decodeBody(decodeFrame(gbk)).body.text, text);
  const [utf8] = encode({ msg_id: 0x8300 }, { flag: 1, text: '😀' }, { text: UTF8 });
  assert.equal(decodeBody(decodeFrame(utf8), { text: UTF8 }).body.text, '😀');
  assert.equal(decodeFrame(gbk).body.toString('hex', 1, 5), 'c7b0b7bd');
});

/** Stands for the same as a1a1, the ideographic space. */
const SECOND_SPACE = 'a3a0';

test('every character of GBK is written as it was read', () => {
  const lost: string[] = [];
  for (let lead = 0x81; lead <= 0xfe; lead++) {
    for (let trail = 0x40; trail <= 0xfe; trail++) {
      const bytes = Buffer.of(lead, trail);
      const text = GBK.decode(bytes);
      if (!/^\ufffd|^.+\x7f$/.test(text) && GBK.encode(text)?.equals(bytes) !== true)
        lost.push(bytes.toString('hex'));
    }
  }
  assert.deepEqual(lost, [SECOND_SPACE]);
});

const WRONG: readonly { header: object; body: unknown; path: string; reason: RegExp }[] = [
  { header: { msg_id: 70_000 }, body: {}, path: 'header.msg_id', reason: /0 to 65535/ },
  { header: { msg_id: 2, phone: '1234567890123' }, body: {}, path: 'header.phone', reason: /at most 12/ },
  { header: { msg_id: 2, phone: undefined }, body: {}, path: 'header.phone', reason: /digits/ },
  { header: { msg_id: 2, msg_sn: -1 }, body: {}, path: 'header.msg_sn', reason: /0 to 65535/ },
  { header: { msg_id: 2, encrypt: 8 }, body: {}, path: 'header.encrypt', reason: /0 to 7/ },
  { header: { msg_id: 2, proto_ver: 256 }, body: {}, path: 'header.proto_ver', reason: /0 to 255/ },
  { header: { msg_id: 0x8300 }, body: [], path: 'body', reason: /object/ },
  { header: { msg_id: 0x8300 }, body: { flag: 1, text: '😀' }, path: 'body.text', reason: /gbk/ },
  {
    header: { msg_id: 0x8105 },
    body: { command: 1, param: { hex: 'abc' } },
    path: 'body.param',
    reason: /pairs/,
  },
  {
    header: { msg_id: 0x8103 },
    body: { params: [{ id: 1, value: 'x' }] },
    path: 'body.params.0.value',
    reason: /0 to 4294967295/,
  },
  { header: { msg_id: 0x8f01 }, body: {}, path: 'body.data', reason: /base64/ },
];

for (const { header, body, path, reason } of WRONG) {
  test(`${path} is told when it cannot be written: ${JSON.stringify({ header, body })}`, () => {
    assert.throws(
      () => encode(header, body),
      (error) => {
        assert.ok(error instanceof RecordError);
        assert.equal(error.path, path);
        assert.match(error.reason, reason);
        return true;
      },
    );
  });
}

test('a frame is described in one line, without its body', () => {
  const [first] = encode({ msg_id: 0x8900, encrypt: 1 }, { data: Buffer.alloc(1500).toString('base64') });
  assert.equal(
    describe(decodeFrame(first)),
    '0x8900 transparent data down phone=013800138000 sn=1 1023 bytes part 1 of 2 encrypted=1',
  );
  assert.equal(describe(frameOf(0x0f01, '')), '0x0f01 unknown phone=013800138000 sn=1 0 bytes');
  const malformed = {
    kind: 'malformed',
    code: 'too_short',
    reason: 'shorter than a header',
    offset: 0,
    header: undefined,
  } as const;
  assert.equal(
    describe({ ...malformed, bytes: Buffer.alloc(33) }),
    `malformed (shorter than a header) ${'00'.repeat(32)}…`,
  );
});
