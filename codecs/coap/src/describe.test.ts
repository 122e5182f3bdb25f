import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decode } from './decoder.js';
import { describe } from './describe.js';
import { emptyMessage, MessageType } from './message.js';
import { opaqueOption, stringOption } from './options.js';
import { type GoodVector, loadVectors } from './testing.js';

function sample(name: string): string {
  const vector = loadVectors<GoodVector>('libcoap').find((candidate) => candidate.name === name);
  assert.ok(vector !== undefined, name);
  return vector.hex;
}

const line = (name: string, secrets?: ReadonlySet<string>) =>
  describe(decode(Buffer.from(sample(name), 'hex')), secrets);

test('a request shows method, token, path and query', () => {
  assert.equal(
    line('PUT with the topic as segments: client'),
    'CON PUT mid=0x4ec3 token=01 /mqtt/a/b/c?c=client1 Uri-Port=36683 payload=5',
  );
});

test('a slash within a segment stays apart from the slashes between segments', () => {
  assert.match(line('PUT with the topic as one percent-encoded segment: client'), / \/mqtt\/a%2Fb%2Fc\?c=/);
});

test('secret queries are not shown', () => {
  const text = line('PUT with client id, user name and password: client', new Set(['p']));
  assert.match(text, /\?c=client1&u=tom&p=\*\*\*/);
  assert.doesNotMatch(text, /secret/);
});

test('a response shows its code, name and options', () => {
  assert.equal(
    line('GET with Observe, one notification, GET to cancel: server 2'),
    'CON 2.05 Content mid=0x1e68 token=01 Observe=1 Content-Format=application/octet-stream payload=9',
  );
});

test('an Empty message shows its type', () => {
  assert.equal(describe(emptyMessage(MessageType.RST, 0x0a)), 'RST Empty mid=0x000a');
});

test('hostile text stays on one line, unknown codes and options show as numbers', () => {
  const message = {
    ...emptyMessage(MessageType.NON, 1),
    code: 0x1f,
    options: [
      stringOption(3, 'a\nb'),
      opaqueOption(5, Buffer.alloc(0)),
      stringOption(15, 'x=\u0007'),
      stringOption(15, 'y'),
      opaqueOption(65001, Buffer.from([1, 2])),
    ],
  };
  assert.equal(
    describe(message),
    'NON 0.31 mid=0x0001 /?"x=\\u0007"&y Uri-Host="a\\nb" If-None-Match 65001=0x0102',
  );
});
