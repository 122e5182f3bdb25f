import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { MessageType, Method, OptionNumber, ResponseCode } from '@portico/codec-coap';
import fc from 'fast-check';
import { bytes, rawOption } from '../testing/index.js';
import { AskingTest } from './testing/asking.js';

const { CON, NON, ACK } = MessageType;
const { Content, Changed, Continue, RequestEntityIncomplete, RequestEntityTooLarge } = ResponseCode;

/** Values of Block1 and Block2 that are likely to be taken, and any others. */
const blockValue = fc.oneof(
  fc
    .record({ num: fc.nat(5), more: fc.boolean(), exponent: fc.nat(7) })
    .map(({ num, more, exponent }) => num * 16 + (more ? 8 : 0) + exponent),
  fc.nat(0xffffff),
);

const option = fc.record({
  number: fc.constantFrom(
    OptionNumber.Block1,
    OptionNumber.Block2,
    OptionNumber.ETag,
    OptionNumber.Observe,
    OptionNumber.Size2,
    65_001,
  ),
  value: blockValue,
});

const answer = fc.record({
  type: fc.constantFrom(ACK, ACK, CON, NON),
  code: fc.constantFrom(
    Content,
    Content,
    Changed,
    Continue,
    RequestEntityIncomplete,
    RequestEntityTooLarge,
    0x80,
    Method.GET,
  ),
  options: fc.array(option, { maxLength: 4 }),
  length: fc.constantFrom(0, 1, 16, 64, 128, 1024, 5000),
});

const asked = fc.record({
  method: fc.constantFrom(Method.GET, Method.PUT, Method.FETCH),
  length: fc.constantFrom(0, 100, 1500),
});

suite('property: whatever a peer answers', () => {
  test('a request ends once, and nothing is left of it', () => {
    const ends = new Set<string>();
    const run = fc.property(asked, fc.array(answer, { maxLength: 20 }), ({ method, length }, answers) => {
      const coap = new AskingTest({ max_block_size: 128, max_payload_size: 4000 });
      const peer = coap.peer();
      const course = peer.asked(method, 'r', { payload: bytes(length) });
      for (const { type, code, options, length: size } of answers) {
        const [request] = peer.take().filter((message) => message.type === CON);
        if (request === undefined) break;
        const given = options.map(({ number, value }) =>
          rawOption(number, value.toString(16).padStart(6, '0')),
        );
        peer.responds(request, code, { type, options: given, payload: bytes(size) });
      }
      peer.take();
      peer.closes();
      coap.wait(600_000);
      const [end, ...others] = course.events.filter((event) => /^failed|^\d\.\d\d/.test(event));
      assert.ok(end !== undefined && others.length === 0);
      ends.add(end.startsWith('failed') ? end : 'responded');
      assert.deepEqual([coap.requests.downloads.bytes, coap.hub.timers.size, peer.look()], [0, 0, []]);
    });
    fc.assert(run, { numRuns: 1000 });
    const met = ['failed: closed', 'failed: incomplete', 'failed: too_large', 'responded'];
    assert.deepEqual([...ends].sort(), met, 'all ends are met');
  });
});
