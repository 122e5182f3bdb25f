import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { BufferSink, isFrameError } from '@portico/frame';
import { CoapFrameError, decode } from './decoder.js';
import { encode, encodedLength } from './encoder.js';
import { type BadVector, type GoodVector, loadVectors, plain, plainHeader } from './testing.js';

for (const file of ['rfc7252', 'libcoap', 'boundaries']) {
  suite(`vectors/${file}.json`, () => {
    for (const vector of loadVectors<GoodVector>(file)) {
      test(vector.name, () => {
        const message = decode(Buffer.from(vector.hex, 'hex'));
        assert.deepEqual(plain(message), vector.message);
        const sink = new BufferSink(1);
        encode(message, sink);
        assert.equal(sink.take().toString('hex'), vector.hex);
        assert.equal(encodedLength(message), vector.hex.length / 2);
      });
    }
  });
}

suite('vectors/bad.json', () => {
  for (const vector of loadVectors<BadVector>('bad')) {
    test(vector.name, () => {
      assert.throws(
        () => decode(Buffer.from(vector.hex, 'hex')),
        (error) => {
          assert.ok(error instanceof CoapFrameError && isFrameError(error));
          assert.deepEqual(
            { error: error.code, offset: error.offset, header: plainHeader(error.header) },
            { error: vector.error, offset: vector.offset, header: vector.header },
          );
          return true;
        },
      );
    });
  }
});
