import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { isFrameError } from '@portico/frame';
import { CONTENT_FORMATS, contentFormatName, Lwm2mFormat } from './content-formats.js';
import type { ResourceType } from './model/types.js';
import { MAX_NODES, MAX_PAYLOAD_BYTES, type PayloadErrorCode, type TypedNode } from './node.js';
import { decodePayload, encodePayload } from './payload.js';
import { pathOf } from './testing.js';
import type { Lwm2mValue } from './value.js';

const { Text, Link, Opaque, Cbor, SenmlJson, SenmlCbor, Tlv, Json, Lwm2mCbor } = Lwm2mFormat;

const noTypes = () => undefined;

function node(path: string, type: ResourceType, value: Lwm2mValue | null): TypedNode {
  return { path: pathOf(path), type, value };
}

function refused(code: PayloadErrorCode, run: () => unknown): void {
  assert.throws(run, (error) => isFrameError(error) && error.code === code);
}

test('formats have the names of LwM2M, others their number', () => {
  assert.equal(contentFormatName(SenmlCbor), 'SenML CBOR');
  assert.equal(contentFormatName(50), '50');
});

test('every format of values is read and written, and links by another function', () => {
  for (const [format, { holds }] of CONTENT_FORMATS) {
    const run = () => encodePayload(format, [5, 0, 0], [node('/5/0/0', 'opaque', Buffer.of(1))]);
    if (holds === 'links') refused('unsupported_format', run);
    else assert.ok(run().length > 0);
  }
  refused('unsupported_format', () => decodePayload(Link, [3], Buffer.alloc(0), noTypes));
});

suite('what is read is bounded', () => {
  for (const format of [Text, Opaque, Cbor, SenmlJson, SenmlCbor, Tlv, Json, Lwm2mCbor]) {
    test(`${contentFormatName(format)} in bytes`, () => {
      const bytes = Buffer.alloc(MAX_PAYLOAD_BYTES + 1);
      refused('too_large', () => decodePayload(format, [3, 0, 0], bytes, noTypes));
    });
  }

  for (const format of [SenmlJson, SenmlCbor, Tlv, Json, Lwm2mCbor]) {
    test(`${contentFormatName(format)} in values`, () => {
      const ids = Array.from({ length: MAX_NODES + 1 }, (_, id) => id);
      const nodes = ids.map((id) => node(`/3/0/${id}`, 'integer', 1));
      const written = (count: number) => encodePayload(format, [3, 0], nodes.slice(0, count));
      const read = (count: number) => decodePayload(format, [3, 0], written(count), noTypes);
      assert.equal(read(MAX_NODES).length, MAX_NODES);
      refused('too_many', () => read(MAX_NODES + 1));
    });
  }

  test('JSON in values of any kind', () => {
    const bytes = Buffer.from(`[{"n":"/3/0/9","v":1,"x":[${'1,'.repeat(12 * MAX_NODES)}1]}]`);
    refused('too_many', () => decodePayload(SenmlJson, [3, 0], bytes, noTypes));
  });
});

suite('what no payload can hold is refused', () => {
  test('values of another type', () => {
    for (const [type, value] of [
      ['string', 1],
      ['integer', 1.5],
      ['integer', 2n ** 63n],
      ['unsigned', -1],
      ['float', '1'],
      ['boolean', 1],
      ['opaque', 'AQI='],
      ['time', 'now'],
      ['objlnk', '3:0'],
      ['objlnk', { object: 65536, instance: 0 }],
      ['none', 2n ** 64n],
    ] as const) {
      for (const format of [Text, Cbor, SenmlJson, SenmlCbor, Tlv, Json, Lwm2mCbor]) {
        refused('wrong_type', () => encodePayload(format, [3, 0, 1], [node('/3/0/1', type, value)]));
      }
    }
  });

  test('values of another path', () => {
    for (const format of [Text, Opaque, Cbor, SenmlJson, SenmlCbor, Tlv, Json, Lwm2mCbor]) {
      const value = Buffer.of(1);
      refused('wrong_path', () => encodePayload(format, [3, 0, 1], [node('/3/0/2', 'opaque', value)]));
    }
    refused('wrong_path', () => encodePayload(SenmlJson, [], [node('/3/0', 'integer', 1)]));
    refused('wrong_path', () => encodePayload(Tlv, [], [node('/3/0/1', 'integer', 1)]));
  });

  test('several values in a format of one, and none', () => {
    for (const format of [Text, Opaque, Cbor]) {
      const one = node('/5/0/0', 'opaque', Buffer.of(1));
      refused('not_single', () => encodePayload(format, [5, 0, 0], [one, one]));
      refused('not_single', () => encodePayload(format, [5, 0, 0], []));
    }
  });

  test('in TLV and LwM2M CBOR two values of one resource, and a resource that is multiple and is not', () => {
    const single = node('/3/0/6', 'integer', 1);
    for (const format of [Tlv, Lwm2mCbor]) {
      refused('wrong_path', () => encodePayload(format, [3, 0], [single, single]));
      refused('wrong_path', () => encodePayload(format, [3, 0], [single, node('/3/0/6/0', 'integer', 1)]));
    }
  });

  test('in TLV more than 16 MiB', () => {
    const value = Buffer.alloc(2 ** 24);
    refused('too_large', () => encodePayload(Tlv, [5, 0], [node('/5/0/0', 'opaque', value)]));
  });

  test('as opaque bytes something else', () => {
    refused('unsuitable', () => encodePayload(Opaque, [3, 0, 0], [node('/3/0/0', 'string', 'a')]));
  });

  test('in text and JSON numbers that are not finite, which TLV and CBOR hold', () => {
    for (const value of [Number.NaN, Number.POSITIVE_INFINITY]) {
      const nodes = [node('/6/0/0', 'float', value)];
      const path = [6, 0, 0];
      for (const format of [Text, SenmlJson, Json]) {
        refused('unsuitable', () => encodePayload(format, path, nodes));
      }
      for (const format of [Cbor, SenmlCbor, Tlv, Lwm2mCbor]) {
        const bytes = encodePayload(format, path, nodes);
        const read = decodePayload(format, path, bytes, () => ({ type: 'float', multiple: false }));
        assert.deepEqual(read, [{ path, value }]);
      }
    }
  });

  test('null but in CBOR and SenML', () => {
    const nodes = [node('/3/0/6/0', 'integer', null)];
    for (const format of [Text, Opaque, Tlv]) {
      refused('wrong_type', () => encodePayload(format, [3, 0, 6, 0], nodes));
    }
    refused('unsuitable', () => encodePayload(Json, [3, 0, 6, 0], nodes));
  });
});

test('a value without a type is written as what it is', () => {
  const values = ['a', 7, 1.5, 2n ** 63n, true, Buffer.of(1, 2), { object: 3, instance: 0 }];
  const nodes = values.map((value, id) => node(`/26000/0/${id}`, 'none', value));
  const read = decodePayload(SenmlCbor, [26000], encodePayload(SenmlCbor, [26000], nodes), noTypes);
  assert.deepEqual(
    read.map(({ value }) => value),
    values,
  );
  const tlv = encodePayload(Tlv, [26000, 0], nodes).toString('hex');
  assert.equal(tlv, 'c10061c10107c802083ff8000000000000c803088000000000000000c10401c2050102c40600030000');
});

test('what is read does not keep the bytes that it was read from', () => {
  for (const [format, path] of [
    [Opaque, '/5/0/0'],
    [Tlv, '/5/0/0'],
    [Cbor, '/5/0/0'],
    [SenmlCbor, '/5/0/0'],
  ] as const) {
    const bytes = encodePayload(format, pathOf(path), [node(path, 'opaque', Buffer.of(1, 2, 3))]);
    const read = decodePayload(format, pathOf(path), bytes, () => ({ type: 'opaque', multiple: false }));
    bytes.fill(0xff);
    assert.deepEqual(read[0]?.value, Buffer.of(1, 2, 3));
  }
});
