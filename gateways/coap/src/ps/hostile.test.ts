import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Dice } from '@portico/coap-endpoint/testing';
import { type CborValue, encode } from '@portico/codec-cbor';
import { codeText, Method } from '@portico/codec-coap';
import { epoch, PsTest } from './testing.js';

const METHODS = [
  Method.GET,
  Method.POST,
  Method.PUT,
  Method.DELETE,
  Method.FETCH,
  Method.iPATCH,
  Method.PATCH,
];
const FORMATS = [606, 606, 606, 60, 40, 42];
const LIMIT = 20;

/** Topic properties, of which some bytes are others than they were. */
function damaged(dice: Dice): Buffer {
  const payload = encode(
    new Map<number, CborValue>([
      [0, `topic${dice.roll(40)}`],
      [2, 'core.ps.data'],
      [3, 60],
      [5, epoch(4_102_444_799)],
      [6, dice.roll(3)],
      [8, Buffer.of(0x80)],
    ]),
  );
  for (let i = dice.roll(3); i > 0; i--) payload[dice.roll(payload.length)] = dice.roll(256);
  return payload.subarray(0, payload.length - (dice.roll(4) === 0 ? dice.roll(payload.length) : 0));
}

test('whatever is asked of /ps gets an answer, and topics stay within their bound', async () => {
  const dice = new Dice();
  const ps = new PsTest({ max_ps_topics: LIMIT });
  const device = ps.device();
  const known: string[] = ['nosuch'];
  const codes = new Map<string, number>();
  for (let i = 0; i < 4000; i++) {
    const id = dice.pick(known);
    const path = dice.pick(['ps', `ps/${id}`, `ps/data/${id}`, 'ps/data', 'ps//', `ps/${id}/x`]);
    const text = damaged(dice);
    const query = dice.pick(['', '?rt=core.ps.data', '?rt=', '?qos=9', '?c=dev1']);
    const method = dice.pick(METHODS);
    const answer = await ps.ask(device, method, path + query, { format: dice.pick(FORMATS), text });
    const code = codeText(answer.code);
    codes.set(code, (codes.get(code) ?? 0) + 1);
    if (code === '2.01' && method === Method.POST) known.push(answer.options[1]?.text ?? '');
    ps.wait(10);
  }
  assert.deepEqual(
    [...codes.keys()].filter((code) => code.startsWith('5')),
    [],
  );
  for (const code of ['2.01', '2.02', '2.04', '2.05', '4.00', '4.04', '4.05', '4.15']) {
    assert.ok(codes.has(code), `${code} never came`);
  }
  const { length } = (await ps.ask(device, Method.GET, 'ps')).payload.toString().split(',');
  assert.ok(length <= LIMIT);
});

test('an error does not quote what is as long as a payload', async () => {
  const ps = new PsTest();
  for (const key of ['x'.repeat(1000), Buffer.alloc(1000), [1, 2, 3]]) {
    const answer = await ps.ask(ps.device(), Method.POST, 'ps', {
      format: 606,
      payload: new Map([[key, 1]]),
    });
    assert.equal(codeText(answer.code), '4.00');
    assert.ok(answer.payload.length < 50, answer.payload.toString());
  }
});
