import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { block2, bytes, type Device, seen } from '@portico/coap-endpoint/testing';
import {
  type CoapMessage,
  findOption,
  MessageType,
  Method,
  OptionNumber,
  uintOption,
} from '@portico/codec-coap';
import { PsTest } from './testing.js';

const BIG = bytes(300);
const OBSERVE = uintOption(OptionNumber.Observe, 0);

/** What follows the first block, asked for at the same resource. */
async function rest(coap: PsTest, device: Device, uri: string, first: CoapMessage): Promise<Buffer> {
  const parts = [first.payload];
  for (let more = seen(first).includes('/1/'); more; ) {
    const answer = await coap.ask(device, Method.GET, uri, { options: [block2(parts.length, 128)] });
    assert.equal(findOption(answer, OptionNumber.Observe), undefined);
    parts.push(answer.payload);
    more = seen(answer).includes('/1/');
  }
  return Buffer.concat(parts);
}

/** The notification that has come, acknowledged. */
function notification(device: Device): CoapMessage {
  const [message] = device.take();
  assert.equal(message?.type, MessageType.CON);
  device.acknowledges();
  return message;
}

suite('data in blocks (RFC 7959)', () => {
  for (const dialect of ['draft', 'emqx'] as const) {
    test(`${dialect}: what is published in blocks is read and told in blocks`, async () => {
      const coap = new PsTest({ keepalive: 0, max_block_size: 128, ps_dialect: dialect });
      const [publisher, reader] = [coap.device(), coap.device()];
      const uri =
        dialect === 'emqx' ? 'ps/t?c=dev1&retain=1' : `ps/data/${await coap.create(publisher, 't')}?c=dev1`;
      await publish(publisher, uri, BIG);

      const read = await coap.ask(reader, Method.GET, uri);
      assert.equal(seen(read), '2.05 2:0/1/128');
      assert.deepEqual(await rest(coap, reader, uri, read), BIG);

      await reader.request(Method.GET, uri, { token: '0b', options: [OBSERVE] });
      reader.take();
      await publish(publisher, uri, bytes(400, 1));
      const told = notification(reader);
      assert.equal(seen(told), '2.05 2:0/1/128');
      assert.deepEqual(await rest(coap, reader, uri, told), bytes(400, 1));
    });
  }
});

suite('lists of topics', () => {
  test('all blocks are of the list that was begun, though topics change on the way', async () => {
    const ps = new PsTest({ max_block_size: 128 });
    const device = ps.device();
    const ids: string[] = [];
    for (let i = 0; i < 20; i++) ids.push(await ps.create(device, `t/${i}`));
    const first = await ps.ask(device, Method.GET, 'ps');
    assert.equal(seen(first), '2.05 2:0/1/128');
    await ps.code(device, Method.DELETE, `ps/${ids.shift()}`);
    const list = await rest(ps, device, 'ps', first);
    assert.deepEqual(
      list.toString().split(',').slice(1),
      ids.map((id) => `</ps/${id}>`),
    );
    const other = await ps.ask(ps.device(), Method.GET, 'ps', { options: [block2(1, 128)] });
    assert.notDeepEqual(other.payload, list.subarray(128, 256), 'nobody else gets them');
  });

  test('others have a turn while a long one is made', async () => {
    const ps = new PsTest({ max_ps_topics_per_client: 1000 });
    const device = ps.device();
    for (let i = 0; i < 250; i++) await ps.create(device, `t/${i}`);
    const listed = device.get('ps');
    const waiting = new Promise<number>((resolve) => {
      setImmediate(() => resolve(device.take().length));
    });
    assert.equal(await waiting, 0);
    await listed;
    assert.equal(device.take().length, 1);
  });
});

async function publish(device: Device, uri: string, payload: Buffer): Promise<void> {
  for (let num = 0; num * 128 < payload.length; num++) {
    await device.putBlock(uri, payload, { num, more: (num + 1) * 128 < payload.length, size: 128 });
  }
  assert.match(device.look().at(-1) ?? '', /^ACK 2\.0[14] .*Block1=/);
}
