import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { decodeData, encodeMessage } from './data.js';
import { Gbt32960Decoder } from './decoder.js';
import type { Edition, Gbt32960Frame } from './frame.js';

interface Message {
  readonly Cmd: number;
  readonly Encrypt: number;
  readonly Vin: string;
  readonly Data: unknown;
}

interface FrameVector {
  readonly id: string;
  readonly name: string;
  readonly hex: string;
  readonly expected: Message;
}

interface MessageVector {
  readonly name: string;
  readonly edition: Edition;
  readonly response: number;
  readonly hex: string;
  readonly json: Message;
}

function load<V>(file: string): readonly V[] {
  return JSON.parse(readFileSync(new URL(`../vectors/${file}`, import.meta.url), 'utf8')).vectors;
}

function decodeOne(hex: string): Gbt32960Frame {
  const decoder = new Gbt32960Decoder();
  decoder.push(Buffer.from(hex, 'hex'));
  const frame = decoder.next();
  assert.ok(frame?.kind === 'frame');
  assert.equal(decoder.next(), undefined);
  assert.equal(decoder.buffered, 0);
  return frame;
}

const AES = 3;

for (const { id, name, hex, expected } of load<FrameVector>('frames.json')) {
  test(`reads ${id}, ${name}`, () => {
    const frame = decodeOne(hex);
    const { command, encryption, vin } = frame;
    assert.deepEqual(
      { command, encryption, vin },
      { command: expected.Cmd, encryption: expected.Encrypt, vin: expected.Vin },
    );
    if (encryption === AES) assert.equal(decodeData(frame).data.Encrypted, true);
    else if (expected.Data !== null) assert.deepEqual(decodeData(frame).data, expected.Data);
  });
}

const messages = load<MessageVector>('messages.json');

for (const { name, edition, response, hex, json } of messages) {
  test(`reads ${name}`, () => {
    const frame = decodeOne(hex);
    const { data, faults } = decodeData(frame);
    assert.deepEqual(data, json.Data);
    assert.deepEqual(faults, []);
    assert.deepEqual(
      { edition: frame.edition, command: frame.command, response: frame.response, vin: frame.vin },
      { edition, command: json.Cmd, response, vin: json.Vin },
    );
  });

  test(`writes ${name}`, () => {
    const frame = encodeMessage({
      edition,
      command: json.Cmd,
      response,
      vin: json.Vin,
      data: json.Data,
    });
    assert.equal(frame.toString('hex').toUpperCase(), hex);
  });
}
