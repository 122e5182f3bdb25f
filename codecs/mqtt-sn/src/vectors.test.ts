import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { FrameError } from '@portico/frame';
import { decode } from './decoder.js';
import { encodedLength } from './encoder.js';
import type { PlainMessageType } from './message.js';
import { MESSAGE_TYPES } from './message-types.js';
import { type BadVector, encoded, type GoodVector, loadVectors, plain } from './testing.js';

const layouts = loadVectors<GoodVector>('layouts');

suite('vectors/layouts.json', () => {
  for (const { name, hex, message } of layouts) {
    test(name, () => {
      const read = decode(Buffer.from(hex, 'hex'));
      assert.deepEqual(plain(read), message);
      assert.equal(encoded(read).toString('hex'), hex);
      assert.equal(encodedLength(read), hex.length / 2);
    });
  }

  test('has every message of table 3', () => {
    const types = new Set(layouts.map(({ message }) => (message as { type: PlainMessageType }).type));
    for (const type of Object.keys(MESSAGE_TYPES)) assert.ok(types.has(type as PlainMessageType), type);
  });
});

for (const file of ['lenient', 'emqx', 'rsmb', 'paho', 'mqtt-sn-tools']) {
  suite(`vectors/${file}.json`, () => {
    for (const { name, hex, message } of loadVectors<GoodVector>(file)) {
      test(name, () => {
        const read = decode(Buffer.from(hex, 'hex'));
        assert.deepEqual(plain(read), message);
        assert.deepEqual(decode(encoded(read)), read);
      });
    }
  });
}

suite('vectors/bad.json', () => {
  for (const { name, hex, error, offset } of loadVectors<BadVector>('bad')) {
    test(name, () => {
      assert.throws(
        () => decode(Buffer.from(hex, 'hex')),
        (thrown) => {
          assert.ok(thrown instanceof FrameError);
          assert.deepEqual({ error: thrown.code, offset: thrown.offset }, { error, offset });
          return true;
        },
      );
    });
  }
});
