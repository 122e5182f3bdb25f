import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { isFrameError } from '@portico/frame';
import { decodePayload, encodePayload } from './payload.js';
import {
  type BadVector,
  loadVectors,
  type PayloadVector,
  pathOf,
  plain,
  typed,
  typesFrom,
} from './testing.js';

interface PayloadVectors {
  /** By object and resource, see {@link typesFrom}. */
  readonly types: Readonly<Record<string, string>>;
  readonly vectors: readonly PayloadVector[];
  readonly bad: readonly BadVector[];
}

for (const file of ['single', 'tlv', 'json', 'senml', 'cbor', 'recorded']) {
  const { types, vectors, bad } = loadVectors<PayloadVectors>(file);
  const typeOf = typesFrom(types);

  suite(`vectors/${file}.json`, () => {
    for (const { name, format, base, hex, text, nodes, written } of vectors) {
      test(name, () => {
        const bytes = Buffer.from(hex, 'hex');
        if (text !== undefined) assert.equal(bytes.toString('utf8'), text);
        const path = pathOf(base);
        const read = decodePayload(format, path, bytes, typeOf);
        assert.deepEqual(read.map(plain), nodes);
        if (written) {
          const again = encodePayload(format, path, typed(read, typeOf));
          assert.equal(text === undefined ? again.toString('hex') : again.toString('utf8'), text ?? hex);
        }
      });
    }

    for (const { name, format, base, hex, text, error: code } of bad) {
      test(`refused: ${name}`, () => {
        const bytes = Buffer.from(hex, 'hex');
        if (text !== undefined) assert.equal(bytes.toString('utf8'), text);
        assert.throws(
          () => decodePayload(format, pathOf(base), bytes, typeOf),
          (error) => isFrameError(error) && error.code === code,
        );
      });
    }
  });
}
