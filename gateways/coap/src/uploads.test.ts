import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { bytes, type Device, rawOption } from '@portico/coap-endpoint/testing';
import { type Block, type CoapOption, MAX_BLOCK_NUMBER, OptionNumber, uintOption } from '@portico/codec-coap';
import fc from 'fast-check';
import { CoapTest } from './testing.js';

const URI = 'mqtt/a?c=dev1';

/** Code and Block1 option of each answer since the last look. */
function answers(device: Device): string[] {
  return device.take().map(({ code, options }) => {
    const block = options.find(({ number }) => number === OptionNumber.Block1)?.uint ?? Number.NaN;
    const shown = `${block >> 4}/${(block >> 3) & 1}/${16 << (block & 7)}`;
    return `${code >> 5}.${String(code & 31).padStart(2, '0')} 1:${shown}`;
  });
}

/** What a listener was sent, in full. */
function heard(coap: CoapTest): { take(): Buffer[] } {
  const client = coap.hub.client('whole');
  client.subscribe('#');
  return { take: () => client.received.splice(0).map(({ message }) => message.payload) };
}

function put(
  device: Device,
  payload: Buffer,
  num: number,
  more: 0 | 1,
  size: number,
  options: readonly CoapOption[] = [],
): void {
  device.putBlock(URI, payload, { num, more: more === 1, size }, { options });
}

const TAG_A = [rawOption(OptionNumber.RequestTag, 'aa')];
const TAG_B = [rawOption(OptionNumber.RequestTag, 'bb')];

suite('RFC 7959 §3.2 message flows of Block1', () => {
  test('figure 7: simple atomic block-wise PUT', () => {
    const coap = new CoapTest();
    const whole = heard(coap);
    const device = coap.device();
    const payload = bytes(300);
    put(device, payload, 0, 1, 128);
    assert.deepEqual(answers(device), ['2.31 1:0/1/128']);
    put(device, payload, 1, 1, 128);
    assert.deepEqual(answers(device), ['2.31 1:1/1/128']);
    assert.deepEqual(whole.take(), []);
    put(device, payload, 2, 0, 128);
    assert.deepEqual(answers(device), ['2.04 1:2/0/128']);
    assert.deepEqual(whole.take(), [payload]);
    assert.equal(coap.count('uploads.completed'), 1);
  });

  test('figure 9: simple atomic block-wise PUT with negotiation', () => {
    const coap = new CoapTest({ max_block_size: 32 });
    const whole = heard(coap);
    const device = coap.device();
    const payload = bytes(128 + 2 * 32 + 5);
    put(device, payload, 0, 1, 128);
    put(device, payload, 4, 1, 32);
    put(device, payload, 5, 1, 32);
    put(device, payload, 6, 0, 32);
    assert.deepEqual(answers(device), ['2.31 1:0/1/32', '2.31 1:4/1/32', '2.31 1:5/1/32', '2.04 1:6/0/32']);
    assert.deepEqual(whole.take(), [payload]);
  });

  test('§3.3 Block1 with the size of the blocks of the response in advance', () => {
    const coap = new CoapTest();
    const device = coap.device();
    const options = [uintOption(OptionNumber.Block2, 2)];
    device.putBlock(URI, bytes(40), { num: 0, more: true, size: 32 }, { options });
    device.putBlock(URI, bytes(40), { num: 1, more: false, size: 32 }, { options });
    assert.deepEqual(answers(device), ['2.31 1:0/1/32', '2.04 1:1/0/32']);
  });
});

suite('RFC 7959 §2.2, §2.3 what a block is', () => {
  test('the only block of a transfer is the payload', () => {
    const coap = new CoapTest();
    const whole = heard(coap);
    const device = coap.device();
    put(device, bytes(10), 0, 0, 64);
    put(device, bytes(0), 0, 0, 64);
    assert.deepEqual(answers(device), ['2.04 1:0/0/64', '2.04 1:0/0/64']);
    assert.deepEqual(whole.take(), [bytes(10), bytes(0)]);
  });

  for (const [name, length, more] of [
    ['a block that is not the last and shorter than its size', 63, 1],
    ['a block longer than its size', 65, 1],
    ['a last block longer than its size', 65, 0],
  ] as const) {
    test(`${name}: 4.00`, () => {
      const coap = new CoapTest();
      const whole = heard(coap);
      const device = coap.device();
      const block = uintOption(OptionNumber.Block1, more * 8 + 2);
      device.put(URI, bytes(length), { options: [block] });
      assert.deepEqual(answers(device), [`4.00 1:0/${more}/64`]);
      assert.deepEqual(whole.take(), []);
    });
  }

  test('the size exponent 7 is reserved: 4.00', () => {
    const device = new CoapTest().device();
    device.put(URI, 'x', { options: [uintOption(OptionNumber.Block1, 7)] });
    assert.deepEqual(device.look(), ['ACK 4.00 Bad Request mid=0x0001 token=01 "no such block"']);
  });

  test('blocks may be sent non-confirmable', () => {
    const coap = new CoapTest();
    const whole = heard(coap);
    coap.device().putInBlocks(URI, bytes(100), 32, { type: 1 });
    assert.deepEqual(whole.take(), [bytes(100)]);
  });
});

suite('RFC 7959 §2.5 using the Block1 option', () => {
  test('a transfer that begins again with block 0 replaces the one before', () => {
    const coap = new CoapTest();
    const whole = heard(coap);
    const device = coap.device();
    put(device, bytes(40), 0, 1, 32);
    put(device, bytes(40, 1), 0, 1, 32);
    put(device, bytes(40, 1), 1, 0, 32);
    assert.deepEqual(answers(device), ['2.31 1:0/1/32', '2.31 1:0/1/32', '2.04 1:1/0/32']);
    assert.deepEqual(whole.take(), [bytes(40, 1)]);
    assert.equal(coap.count('uploads.dropped.restarted'), 1);
  });

  test('a block that comes again is taken for what it is; other bytes in its place end the transfer', () => {
    const coap = new CoapTest();
    const device = coap.device();
    put(device, bytes(96), 0, 1, 32);
    put(device, bytes(96), 1, 1, 32);
    put(device, bytes(96), 1, 1, 32);
    put(device, bytes(96, 1), 1, 1, 32);
    put(device, bytes(96), 2, 0, 32);
    assert.deepEqual(answers(device), [
      '2.31 1:0/1/32',
      '2.31 1:1/1/32',
      '2.31 1:1/1/32',
      '4.08 1:1/1/32',
      '4.08 1:2/0/32',
    ]);
    assert.equal(coap.count('uploads.dropped.conflict'), 1);
  });

  test('the transfers of two peers, and of two topics of a peer, are apart', () => {
    const coap = new CoapTest();
    const whole = heard(coap);
    const [one, two] = [coap.device(), coap.device()];
    const b = 'mqtt/b?c=dev1';
    put(one, bytes(40), 0, 1, 32);
    two.putBlock(URI, bytes(40, 1), { num: 0, more: true, size: 32 });
    one.putBlock(b, bytes(40, 2), { num: 0, more: true, size: 32 });
    one.putBlock(b, bytes(40, 2), { num: 1, more: false, size: 32 });
    put(one, bytes(40), 1, 0, 32);
    two.putBlock(URI, bytes(40, 1), { num: 1, more: false, size: 32 });
    assert.deepEqual(whole.take(), [bytes(40, 2), bytes(40), bytes(40, 1)]);
  });

  test('credentials are looked at with the first block', () => {
    const coap = new CoapTest();
    coap.authenticate(() => ({ answer: 'deny', refusal: 'bad_credentials' }));
    const device = coap.device();
    put(device, bytes(40), 0, 1, 32);
    assert.match(device.look().join(), /^ACK 4\.01 /);
  });
});

suite('RFC 7959 §2.9.2 4.08 Request Entity Incomplete', () => {
  test('a transfer that does not begin with block 0', () => {
    const device = new CoapTest().device();
    put(device, bytes(96), 1, 1, 32);
    put(device, bytes(96), 2, 0, 32);
    assert.deepEqual(answers(device), ['4.08 1:1/1/32', '4.08 1:2/0/32']);
  });

  test('a block that is missing; when it has come, the next one fits', () => {
    const coap = new CoapTest();
    const whole = heard(coap);
    const device = coap.device();
    put(device, bytes(96), 0, 1, 32);
    put(device, bytes(96), 2, 0, 32);
    put(device, bytes(96), 1, 1, 32);
    put(device, bytes(96), 2, 0, 32);
    assert.deepEqual(answers(device), ['2.31 1:0/1/32', '4.08 1:2/0/32', '2.31 1:1/1/32', '2.04 1:2/0/32']);
    assert.deepEqual(whole.take(), [bytes(96)]);
  });

  test('the greatest number of all', () => {
    const device = new CoapTest({ max_payload_size: '16MB' }).device();
    put(device, bytes(64), 0, 1, 16);
    device.put(URI, bytes(16), { options: [uintOption(OptionNumber.Block1, MAX_BLOCK_NUMBER * 16 + 8)] });
    assert.deepEqual(answers(device), ['2.31 1:0/1/16', `4.08 1:${MAX_BLOCK_NUMBER}/1/16`]);
  });
});

suite('RFC 7959 §2.9.3 4.13 Request Entity Too Large', () => {
  test('announced by Size1: with the size that would do', () => {
    const device = new CoapTest({ max_payload_size: 100 }).device();
    const options = [uintOption(OptionNumber.Size1, 101)];
    device.putBlock(URI, bytes(101), { num: 0, more: true, size: 32 }, { options });
    const [answer] = device.take();
    assert.equal(answer?.code, 0x8d);
    assert.equal(answer?.options.at(-1)?.number, OptionNumber.Size1);
    assert.equal(answer?.options.at(-1)?.uint, 100);
  });

  test('reached on the way: nothing is published, nothing held', () => {
    const coap = new CoapTest({ max_payload_size: 100 });
    const whole = heard(coap);
    const device = coap.device();
    device.putInBlocks(URI, bytes(128), 64);
    device.putInBlocks(URI, bytes(100), 64);
    assert.deepEqual(answers(device), ['2.31 1:0/1/64', '4.13 1:1/0/64', '2.31 1:0/1/64', '2.04 1:1/0/64']);
    assert.deepEqual(whole.take(), [bytes(100)]);
    assert.equal(coap.count('uploads.dropped.too_large'), 1);
  });

  test('a number far beyond is refused before anything is held', () => {
    const device = new CoapTest().device();
    device.put(URI, bytes(16), { options: [uintOption(OptionNumber.Block1, MAX_BLOCK_NUMBER * 16 + 8)] });
    assert.deepEqual(answers(device), [`4.13 1:${MAX_BLOCK_NUMBER}/1/16`]);
  });
});

suite('RFC 9175 §3 Request-Tag', () => {
  test('two payloads to one topic at the same time', () => {
    const coap = new CoapTest();
    const whole = heard(coap);
    const device = coap.device();
    put(device, bytes(40), 0, 1, 32, TAG_A);
    put(device, bytes(40, 1), 0, 1, 32, TAG_B);
    put(device, bytes(40, 2), 0, 1, 32);
    put(device, bytes(40, 1), 1, 0, 32, TAG_B);
    put(device, bytes(40), 1, 0, 32, TAG_A);
    put(device, bytes(40, 2), 1, 0, 32);
    assert.deepEqual(whole.take(), [bytes(40, 1), bytes(40), bytes(40, 2)]);
  });

  test('an empty tag is not the same as none, and a list not the same as its parts', () => {
    const device = new CoapTest().device();
    const tag = (hex: string) => rawOption(OptionNumber.RequestTag, hex);
    for (const options of [[], [tag('')], [tag('aa')], [tag('aa'), tag('bb')], [tag('aabb')]]) {
      put(device, bytes(40), 1, 0, 32, options);
      put(device, bytes(40), 0, 1, 32, options);
    }
    assert.deepEqual(answers(device), Array(5).fill(['4.08 1:1/0/32', '2.31 1:0/1/32']).flat());
  });
});

suite('what is held of unfinished transfers is bounded', () => {
  test('in time', () => {
    const coap = new CoapTest({ transfer_timeout: '10s' });
    const device = coap.device();
    put(device, bytes(96), 0, 1, 32);
    coap.wait(9000);
    put(device, bytes(96), 1, 1, 32);
    coap.wait(9000);
    assert.equal(coap.count('uploads.dropped.timeout'), 0);
    coap.wait(1010);
    assert.equal(coap.count('uploads.dropped.timeout'), 1);
    put(device, bytes(96), 2, 0, 32);
    assert.equal(answers(device).at(-1), '4.08 1:2/0/32');
  });

  test('in number for each peer: the one used longest ago goes', () => {
    const coap = new CoapTest({ max_transfers: 2 });
    const [device, other] = [coap.device(), coap.device()];
    put(other, bytes(96), 0, 1, 32);
    put(device, bytes(96), 0, 1, 32, TAG_A);
    put(device, bytes(96), 0, 1, 32, TAG_B);
    put(device, bytes(96), 1, 1, 32, TAG_A);
    put(device, bytes(96), 0, 1, 32);
    put(device, bytes(96), 1, 1, 32, TAG_A);
    put(device, bytes(96), 1, 1, 32, TAG_B);
    assert.deepEqual(answers(device).slice(-2), ['2.31 1:1/1/32', '4.08 1:1/1/32']);
    put(other, bytes(96), 1, 1, 32);
    assert.equal(answers(other).at(-1), '2.31 1:1/1/32');
    assert.equal(coap.count('uploads.dropped.peer_limit'), 1);
  });

  test('in bytes for all peers', () => {
    const coap = new CoapTest({ max_transfers_size: '8KB', max_payload_size: '1KB' });
    for (let peer = 0; peer < 10; peer++) put(coap.device(), bytes(96), 0, 1, 32);
    assert.equal(coap.count('uploads.dropped.total_limit'), 7);
  });

  test('but one payload of max_payload_size always has room', () => {
    const coap = new CoapTest({ max_transfers_size: '4KB', max_payload_size: '100KB' });
    const whole = heard(coap);
    coap.device().putInBlocks(URI, bytes(100 * 1024), 1024);
    assert.deepEqual(whole.take(), [bytes(100 * 1024)]);
  });

  test('a peer that is gone leaves nothing', () => {
    const coap = new CoapTest();
    const device = coap.device();
    put(device, bytes(96), 0, 1, 32);
    device.closes();
    assert.equal(coap.count('uploads.dropped.closed'), 1);
  });
});

suite('property: a payload arrives whole or not at all', () => {
  const arrival = fc.record({
    /** Which of the blocks is sent next, by its distance from the one that is due. */
    step: fc.constantFrom(0, 0, 0, 0, 0, 0, -1, -1, 1, 2),
    payload: fc.constantFrom(0, 0, 0, 0, 1),
  });

  test('whatever is lost, repeated, out of order, or of another payload', () => {
    const size = fc.constantFrom(16, 32, 64, 128, 256, 512, 1024);
    const run = fc.property(
      fc.nat(3000),
      size,
      fc.array(arrival, { maxLength: 60 }),
      (length, size, script) => {
        const coap = new CoapTest();
        const whole = heard(coap);
        const device = coap.device();
        const payloads = [bytes(length), bytes(length, 99)] as const;
        const last = Math.max(0, Math.ceil(length / size) - 1);
        let due = 0;
        for (const { step, payload } of script) {
          const num = Math.min(Math.max(due + step, 0), last);
          const block: Block = { num, more: num < last, size };
          device.putBlock(URI, payloads[payload as 0 | 1], block, { options: payload === 0 ? TAG_A : TAG_B });
          const [code] = device.take().map((answer) => answer.code);
          assert.ok(code !== undefined, 'each block has an answer');
          if (code === 0x5f) due = num + 1;
          else if (code === 0x88 || num === last) due = 0;
        }
        for (const payload of whole.take()) assert.ok(payloads.some((one) => one.equals(payload)));
        device.putInBlocks(URI, payloads[0], size);
        assert.deepEqual(
          whole.take(),
          [payloads[0]],
          'a transfer from the first block on always comes through',
        );
      },
    );
    fc.assert(run, { numRuns: 300 });
  });
});
