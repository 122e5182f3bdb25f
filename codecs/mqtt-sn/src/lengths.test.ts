import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { FrameError, isFrameError } from '@portico/frame';
import { decode, type SnErrorCode } from './decoder.js';
import { fuzz } from './fuzz.js';
import { MESSAGE_TYPES } from './message-types.js';
import { type GoodVector, loadVectors } from './testing.js';

const LONG_LENGTH = 0x01;
const ENCAPSULATED = 0xfe;

/** Sound datagrams of each layout, with a Length of one octet and far from where it gets three. */
const samples = loadVectors<GoodVector>('layouts')
  .map(({ name, hex }) => ({ name, datagram: Buffer.from(hex, 'hex') }))
  .filter(({ datagram }) => datagram[0] === datagram.length && datagram.length < 200);

/** What the datagram is refused for; undefined when it is a message. */
function refusal(datagram: Buffer): SnErrorCode | undefined {
  try {
    decode(datagram);
    return undefined;
  } catch (error) {
    assert.ok(error instanceof FrameError && isFrameError(error));
    assert.ok(error.offset >= 0 && error.offset <= datagram.length, `offset ${error.offset}`);
    return error.code as SnErrorCode;
  }
}

/** The same octets with another Length of one octet. */
function withLength(datagram: Buffer, length: number): Buffer {
  return Buffer.from([length, ...datagram.subarray(1)]);
}

/** The same message with a Length of three octets. */
function withLongLength(datagram: Buffer, length: number): Buffer {
  return Buffer.from([LONG_LENGTH, length >> 8, length & 0xff, ...datagram.subarray(1)]);
}

suite('a Length that is not that of the datagram (§5.2.1)', () => {
  test('every truncation of every message is refused', () => {
    for (const { name, datagram } of samples) {
      for (let length = 0; length < datagram.length; length++) {
        assert.equal(refusal(datagram.subarray(0, length)), 'length', `${name}, ${length} octets`);
      }
    }
  });

  test('every other value of Length is refused', () => {
    for (const { name, datagram } of samples) {
      for (let length = 0; length < 256; length++) {
        if (length === datagram.length) continue;
        assert.equal(refusal(withLength(datagram, length)), 'length', `${name}, Length ${length}`);
      }
    }
  });

  test('every other value of a Length of three octets is refused', () => {
    for (const { name, datagram } of samples) {
      const right = datagram.length + 2;
      assert.equal(refusal(withLongLength(datagram, right)), undefined, name);
      for (const wrong of [0, 1, 3, right - 2, right - 1, right + 1, right + 256, 65535]) {
        assert.equal(refusal(withLongLength(datagram, wrong)), 'length', `${name}, Length ${wrong}`);
      }
    }
  });

  test('octets behind a message are refused', () => {
    for (const { name, datagram } of samples) {
      assert.equal(refusal(Buffer.concat([datagram, Buffer.alloc(1)])), 'length', name);
    }
  });
});

suite('a Length that is right for fields that are not (§5.4)', () => {
  test('a message shorter than its fields is refused, one longer than all of them too', () => {
    for (const [type, { value, min, max }] of Object.entries(MESSAGE_TYPES)) {
      const ofBody = (length: number) => refusal(Buffer.from([length + 2, value, ...Buffer.alloc(length)]));
      for (let length = 0; length < min; length++) {
        assert.equal(ofBody(length), 'truncated', `${type} of ${length}`);
      }
      assert.equal(ofBody(min), undefined, `${type} of ${min}`);
      if (max < 250) {
        assert.equal(ofBody(max), undefined, `${type} of ${max}`);
        assert.equal(ofBody(max + 1), 'too_long', `${type} of ${max + 1}`);
      }
    }
  });

  test('every truncation with a Length that fits is another message or refused, never an accident', () => {
    for (const { datagram } of samples) {
      for (let length = 2; length < datagram.length; length++) {
        fuzz(withLength(datagram.subarray(0, length), length));
      }
    }
  });
});

suite('an encapsulation (§5.5)', () => {
  const inner = samples.map(({ datagram }) => datagram);
  const wrap = (message: Buffer) => Buffer.concat([Buffer.from([4, ENCAPSULATED, 0, 0x77]), message]);

  test('every truncation is refused', () => {
    for (const message of inner) {
      const datagram = wrap(message);
      assert.equal(refusal(datagram), undefined);
      for (let length = 0; length < datagram.length; length++) {
        assert.equal(refusal(datagram.subarray(0, length)), 'length');
      }
    }
  });

  test('a Length of less than its header or more than the datagram is refused', () => {
    for (const message of inner) {
      const datagram = wrap(message);
      for (const wrong of [0, 2, datagram.length, datagram.length + 1]) {
        assert.equal(refusal(withLength(datagram, wrong)), 'length');
      }
    }
  });
});
