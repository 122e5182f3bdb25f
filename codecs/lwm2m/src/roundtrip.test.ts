import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import { CONTENT_FORMATS, Lwm2mFormat } from './content-formats.js';
import type { Lwm2mPath, TypeOf } from './model/types.js';
import type { TypedNode } from './node.js';
import { formatPath } from './path.js';
import { decodePayload, encodePaths, encodePayload } from './payload.js';
import { anyPath, anyTyped, plain } from './testing.js';

const { Text, Opaque, Cbor, SenmlJson, SenmlCbor, Tlv, Json, Lwm2mCbor } = Lwm2mFormat;

/** The types of the nodes themselves. */
function typesOf(nodes: readonly TypedNode[]): TypeOf {
  const types = new Map(nodes.map(({ path, type }) => [formatPath(path), type]));
  return (path) => {
    const type = types.get(formatPath(path));
    return type === undefined ? undefined : { type, multiple: path.length === 4 };
  };
}

/** By path, for TLV puts together what belongs together. */
function sorted(nodes: readonly TypedNode[]): unknown[] {
  return nodes.map((node) => plain(withoutType(node))).sort((a, b) => (a.path < b.path ? -1 : 1));
}

function withoutType({ type: _type, ...node }: TypedNode): Omit<TypedNode, 'type'> {
  return node;
}

function assertRoundTrip(format: number, base: Lwm2mPath, nodes: readonly TypedNode[]): void {
  const typeOf = typesOf(nodes);
  const read = decodePayload(format, base, encodePayload(format, base, nodes), typeOf);
  assert.deepEqual(sorted(read as TypedNode[]), sorted(nodes));
}

/** Nodes of which no two are of the same resource, unless they are of instances of it. */
function anyNodes(prefix: Lwm2mPath): fc.Arbitrary<TypedNode[]> {
  const tail = anyPath(3 - prefix.length, 4 - prefix.length);
  return fc
    .array(fc.tuple(tail, anyTyped), { maxLength: 12 })
    .map((pairs) => pairs.map(([ids, typed]) => ({ path: [...prefix, ...ids], ...typed })))
    .map((nodes) => {
      const single = new Map(nodes.map((node) => [formatPath(node.path.slice(0, 3)), node.path.length]));
      const fitting = nodes.filter(({ path }) => single.get(formatPath(path.slice(0, 3))) === path.length);
      return [...new Map(fitting.map((node) => [formatPath(node.path), node])).values()];
    });
}

suite('what is written is read as the same values', () => {
  for (const format of [Tlv, Json, SenmlJson, SenmlCbor, Lwm2mCbor]) {
    const name = CONTENT_FORMATS.get(format)?.name;
    for (const base of [[3], [3, 0], [3, 0, 6]]) {
      test(`${name} of ${formatPath(base)}`, () => {
        fc.assert(fc.property(anyNodes(base), (nodes) => assertRoundTrip(format, base, nodes)));
      });
    }
  }

  for (const format of [SenmlJson, SenmlCbor, Lwm2mCbor]) {
    test(`${CONTENT_FORMATS.get(format)?.name} of several objects`, () => {
      fc.assert(fc.property(anyNodes([]), (nodes) => assertRoundTrip(format, [], nodes)));
    });
  }

  for (const format of [SenmlJson, SenmlCbor] as const) {
    test(`${CONTENT_FORMATS.get(format)?.name} of the paths of a Read-Composite`, () => {
      fc.assert(
        fc.property(fc.array(anyPath(0, 4)), (paths) => {
          const read = decodePayload(format, [], encodePaths(format, paths), () => undefined);
          assert.deepEqual(
            read,
            paths.map((path) => ({ path, value: null })),
          );
        }),
      );
    });
  }

  for (const format of [Text, Cbor, Tlv, Json, SenmlJson, SenmlCbor, Lwm2mCbor]) {
    test(`${CONTENT_FORMATS.get(format)?.name} of one value`, () => {
      fc.assert(
        fc.property(anyPath(3, 4), anyTyped, (path, value) => {
          assertRoundTrip(format, path, [{ path, ...value }]);
        }),
        { numRuns: 500 },
      );
    });
  }

  test('opaque bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        const path = [5, 0, 0];
        assertRoundTrip(Opaque, path, [{ path, type: 'opaque', value: Buffer.from(bytes) }]);
      }),
    );
  });
});
