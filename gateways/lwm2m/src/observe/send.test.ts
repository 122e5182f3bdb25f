import assert from 'node:assert/strict';
import { test } from 'node:test';
import { codeText, Method, OptionNumber, uintOption } from '@portico/codec-coap';
import { CommandTest } from '../commands/testing/command-test.js';

const SENML =
  '[{"bn":"/3/0/","n":"9","v":42,"t":1700000000},{"n":"0","vs":"Portico"},{"bn":"/31024/10/","n":"1","v":5}]';

/** The device sends values on its own. @returns the response codes that it gets */
async function send(it: CommandTest, format: number, payload: string | Buffer): Promise<string[]> {
  const options = [uintOption(OptionNumber.ContentFormat, format)];
  await it.peer.request(Method.POST, 'dp', { options, payload });
  return it.peer.take().map(({ code }) => codeText(code));
}

test('what a device sends on its own is published with the notifications', async () => {
  const it = new CommandTest();
  await it.register();
  assert.deepEqual(await send(it, 110, SENML), ['2.04']);
  assert.deepEqual(it.published(), [
    'notify={"msgType":"send","data":{"content":[{"value":42,"time":1700000000,"path":"/3/0/9"},{"value":"Portico","path":"/3/0/0"},{"value":5,"raw":true,"path":"/31024/10/1"}]}}',
  ]);
  assert.equal(it.it.gateway.view.lastValues('dev1')?.length, 3);
  assert.equal(it.it.count('sends.received'), 1);
});

test('times from now on are told as times since 1970', async () => {
  const it = new CommandTest();
  await it.register();
  const now = it.it.hub.clock.now() / 1000;
  assert.deepEqual(await send(it, 110, '[{"bn":"/3/0/9","v":42,"t":-60},{"v":43}]'), ['2.04']);
  assert.deepEqual(it.published(), [
    `notify={"msgType":"send","data":{"content":[{"value":42,"time":${now - 60},"path":"/3/0/9"},{"value":43,"path":"/3/0/9"}]}}`,
  ]);
});

test('SenML CBOR is sent as well', async () => {
  const it = new CommandTest();
  await it.register();
  // [{-2: "/3/0/", 0: "9", 2: 42}]
  assert.deepEqual(
    await send(it, 112, Buffer.from('81a321652f332f302f0061390218 2a'.replace(' ', ''), 'hex')),
    ['2.04'],
  );
  assert.deepEqual(it.published(), [
    'notify={"msgType":"send","data":{"content":[{"value":42,"path":"/3/0/9"}]}}',
  ]);
});

test('what cannot be understood is refused', async () => {
  const it = new CommandTest();
  await it.register();
  assert.deepEqual(await send(it, 110, '['), ['4.00']);
  assert.deepEqual(await send(it, 112, Buffer.from('9f', 'hex')), ['4.00']);
  assert.deepEqual(await send(it, 11542, Buffer.from('c1092a', 'hex')), ['4.15']);
  assert.deepEqual(it.published(), []);
  assert.equal(it.it.count('sends.refused'), 3);
});

test('whose values they are has to be clear', async () => {
  const it = new CommandTest();
  assert.deepEqual(await send(it, 110, SENML), ['4.04']);
  await it.register();
  await it.it.peer().request(Method.POST, 'dp');
  await it.peer.request(Method.GET, 'dp');
  assert.deepEqual(
    it.peer.take().map(({ code }) => codeText(code)),
    ['4.05'],
  );
});
