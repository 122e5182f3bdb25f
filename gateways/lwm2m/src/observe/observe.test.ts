import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type CoapMessage, emptyMessage, MessageType, OptionNumber, uintOption } from '@portico/codec-coap';
import { CommandTest } from '../commands/testing/command-test.js';

const OBSERVE = { reqID: 1, msgType: 'observe', data: { path: '/3/0/9' } };
const CANCEL = { reqID: 2, msgType: 'cancel-observe', data: { path: '/3/0/9' } };
const LEVEL = { format: 11542, hex: 'c10964' };
const LEVEL_ANSWER =
  '"data":{"reqPath":"/3/0/9","content":[{"value":100,"path":"/3/0/9"}],"codeMsg":"content","code":"2.05"}}';

/** A device whose battery level is observed, and the request that it came of. */
async function observed(
  config: Record<string, unknown> = {},
): Promise<{ readonly it: CommandTest; readonly request: CoapMessage }> {
  const it = new CommandTest(config);
  await it.register();
  it.command(OBSERVE);
  const request = it.request();
  it.responds(request, '2.05', { ...LEVEL, observe: 0 });
  assert.deepEqual(it.published(), [`resp={"reqID":1,"msgType":"observe",${LEVEL_ANSWER}`]);
  return { it, request };
}

/** Values of the notifications that have been published. */
function values(it: CommandTest): string[] {
  return it.published().map((line) => /^notify=.*"value":(\w+)/.exec(line)?.[1] ?? line);
}

test('what is observed is notified, as EMQX does it, byte for byte', async () => {
  const { it, request } = await observed();
  it.notifies(request, 1, 'c1092a');
  it.notifies(request, 2, 'c1092b');
  assert.deepEqual(it.published(), [
    'notify={"seqNum":1,"reqID":1,"msgType":"notify","data":{"reqPath":"/3/0/9","content":[{"value":42,"path":"/3/0/9"}],"codeMsg":"content","code":"2.05"}}',
    'notify={"seqNum":2,"reqID":1,"msgType":"notify","data":{"reqPath":"/3/0/9","content":[{"value":43,"path":"/3/0/9"}],"codeMsg":"content","code":"2.05"}}',
  ]);
  assert.equal(it.it.count('notifications.received'), 2);
});

test('a notification that wants an acknowledgement gets one', async () => {
  const { it, request } = await observed();
  it.notifies(request, 1, 'c1092a', { type: MessageType.CON });
  assert.deepEqual(
    it.peer.take().map(({ type }) => type),
    [MessageType.ACK],
  );
  assert.deepEqual(values(it), ['42']);
});

test('notifications that come in the wrong order are dropped', async () => {
  const { it, request } = await observed();
  it.notifies(request, 7, 'c1092a');
  it.notifies(request, 6, 'c1092b');
  it.notifies(request, 8, 'c1092c');
  assert.deepEqual(values(it), ['42', '44']);
  assert.equal(it.it.count('notifications.dropped.reordered'), 1);
});

test('cancelling asks the device with the token that it has, and rejects what still comes', async () => {
  const { it, request } = await observed();
  it.command(CANCEL);
  const cancel = it.request();
  assert.deepEqual(cancel.token, request.token);
  assert.equal(cancel.options[0]?.number, OptionNumber.Observe);
  assert.equal(cancel.options[0]?.uint, 1);
  it.responds(cancel, '2.05', LEVEL);
  assert.deepEqual(it.published(), [`resp={"reqID":2,"msgType":"cancel-observe",${LEVEL_ANSWER}`]);
  it.notifies(request, 1, 'c1092a');
  assert.deepEqual(it.published(), []);
  assert.deepEqual(
    it.peer.take().map(({ type }) => type),
    [MessageType.RST],
  );
});

test('what is cancelled is over also where the device does not answer', async () => {
  const { it, request } = await observed();
  it.command(CANCEL);
  it.it.wait(100_000);
  it.published();
  it.peer.take();
  it.notifies(request, 1, 'c1092a');
  assert.deepEqual(it.published(), []);
});

test('cancelling what is not observed asks the device all the same', async () => {
  const it = new CommandTest();
  await it.register();
  it.command(CANCEL);
  it.responds(it.request(), '2.05', LEVEL);
  assert.deepEqual(it.published(), [`resp={"reqID":2,"msgType":"cancel-observe",${LEVEL_ANSWER}`]);
});

test('to observe the same again is one observation, with the later reqID', async () => {
  const { it, request } = await observed();
  it.command({ ...OBSERVE, reqID: 'later' });
  const again = it.request();
  assert.deepEqual(again.token, request.token);
  it.responds(again, '2.05', { ...LEVEL, observe: 1 });
  it.published();
  it.notifies(request, 2, 'c1092a');
  assert.match(it.published().join(), /^notify=\{"seqNum":2,"reqID":"later"/);
});

for (const [what, code, parts] of [
  ['refuses to go on', '4.04', {}],
  ['answers as if nothing were observed', '2.05', LEVEL],
] as const) {
  test(`an observation is over where the device ${what}`, async () => {
    const { it, request } = await observed({ max_observations: 1 });
    it.command({ ...OBSERVE, reqID: 2 });
    it.responds(it.request(), code, parts);
    it.published();
    it.notifies(request, 5, 'c1092a');
    assert.deepEqual(it.published(), []);
    it.command({ reqID: 3, msgType: 'observe', data: { path: '/3/0/13' } });
    assert.deepEqual(it.requests().length, 1);
  });
}

for (const [what, command, answer] of [
  ['to cancel', CANCEL, LEVEL],
  ['to observe the same again', { ...OBSERVE, reqID: 2 }, { ...LEVEL, observe: 9 }],
] as const) {
  test(`a notification that crosses a command ${what} is not its answer`, async () => {
    const { it, request } = await observed();
    it.command(command);
    const asked = it.request();
    it.notifies(request, 1, 'c1092a');
    assert.deepEqual(values(it), ['42']);
    it.responds(asked, '2.05', answer);
    assert.deepEqual(it.published(), [`resp={"reqID":2,"msgType":"${command.msgType}",${LEVEL_ANSWER}`]);
  });
}

test('what is observed again may be answered after the acknowledgement', async () => {
  const { it } = await observed();
  it.command({ ...OBSERVE, reqID: 2 });
  const asked = it.request();
  it.peer.sends(emptyMessage(MessageType.ACK, asked.messageId));
  it.published();
  it.responds(asked, '2.05', { ...LEVEL, type: MessageType.NON, observe: 9 });
  assert.deepEqual(it.published(), [`resp={"reqID":2,"msgType":"observe",${LEVEL_ANSWER}`]);
});

test('what is cancelled may be answered after the acknowledgement, and a notification in between is none', async () => {
  const { it, request } = await observed();
  it.command(CANCEL);
  const asked = it.request();
  it.peer.sends(emptyMessage(MessageType.ACK, asked.messageId));
  it.published();
  it.notifies(request, 1, 'c1092a');
  assert.deepEqual(values(it), ['42']);
  it.responds(asked, '2.05', { ...LEVEL, type: MessageType.NON });
  assert.deepEqual(it.published(), [`resp={"reqID":2,"msgType":"cancel-observe",${LEVEL_ANSWER}`]);
});

test('a device that does not take the observation on is not listened to', async () => {
  const it = new CommandTest();
  await it.register();
  it.command(OBSERVE);
  const request = it.request();
  it.responds(request, '2.05', LEVEL);
  it.published();
  it.notifies(request, 1, 'c1092a');
  assert.deepEqual(it.published(), []);
});

test('an error ends the observation, and is told', async () => {
  const { it, request } = await observed();
  it.responds(request, '4.04', { type: MessageType.CON });
  assert.deepEqual(it.published(), [
    'notify={"reqID":1,"msgType":"notify","data":{"reqPath":"/3/0/9","codeMsg":"not_found","code":"4.04"}}',
  ]);
  it.notifies(request, 1, 'c1092a');
  assert.deepEqual(it.published(), []);
});

test('a notification that cannot be understood is counted, and the next one told', async () => {
  const { it, request } = await observed();
  it.notifies(request, 1, 'c8');
  it.notifies(request, 2, 'c1092a');
  assert.deepEqual(values(it), ['42']);
  assert.equal(it.it.count('notifications.dropped.malformed'), 1);
});

test('a notification in blocks is told whole', async () => {
  const it = new CommandTest();
  await it.register();
  it.command({ reqID: 1, encoding: 'hex', msgType: 'observe', data: { path: '/5/0/0' } });
  const request = it.request();
  it.responds(request, '2.05', { format: 42, hex: '00', observe: 0 });
  it.published();
  const whole = Buffer.alloc(100, 7);
  const block = (num: number) => ({
    format: 42,
    hex: whole.subarray(num * 64, num * 64 + 64).toString('hex'),
    options: [it.block2(num, num === 0)],
  });
  it.responds(request, '2.05', { ...block(0), observe: 5, type: MessageType.NON });
  const rest = it.request();
  assert.equal(
    rest.options.some(({ number }) => number === OptionNumber.Observe),
    false,
  );
  it.responds(rest, '2.05', block(1));
  assert.match(it.published().join(), new RegExp(`^notify=.*"seqNum":5.*"value":"${whole.toString('hex')}"`));
});

test('a notification whose blocks do not all come is counted', async () => {
  const { it, request } = await observed();
  it.notifies(request, 1, 'c1092a', { options: [it.block2(0, true)] });
  it.it.wait(100_000);
  assert.deepEqual(it.published(), []);
  assert.equal(it.it.count('notifications.dropped.incomplete'), 1);
});

test('a notification from another address is of the same device, which is reached there then', async () => {
  const { it, request } = await observed();
  const before = it.peer;
  it.peer = it.it.peer();
  it.notifies(request, 1, 'c1092a');
  assert.deepEqual(values(it), ['42']);
  it.command({ reqID: 3, msgType: 'read', data: { path: '/3/0/9' } });
  assert.deepEqual(it.look(), ['GET /3/0/9']);
  assert.deepEqual(before.take(), []);
});

test('what is observed is still observed when the hub has been started again', async () => {
  const { it, request } = await observed();
  const after = await it.restarts();
  after.notifies(request, 1, 'c1092a');
  assert.deepEqual(after.published(), [
    'notify={"seqNum":1,"reqID":1,"msgType":"notify","data":{"reqPath":"/3/0/9","content":[{"value":42,"path":"/3/0/9"}],"codeMsg":"content","code":"2.05"}}',
  ]);
});

test('a device that registers again has forgotten what was observed', async () => {
  const { it, request } = await observed();
  await it.register();
  it.notifies(request, 1, 'c1092a');
  assert.deepEqual(it.published(), []);
  const after = await it.restarts();
  after.notifies(request, 2, 'c1092a');
  assert.deepEqual(after.published(), []);
});

test('an update leaves observations alone', async () => {
  const { it, request } = await observed();
  await it.update('lt=100', '</3/0>');
  it.notifies(request, 1, 'c1092a');
  assert.deepEqual(values(it), ['42']);
});

test('more than max_observations are refused', async () => {
  const { it } = await observed({ max_observations: 1 });
  it.command({ reqID: 2, msgType: 'observe', data: { path: '/3/0/13' } });
  assert.deepEqual(it.look(), []);
  assert.match(it.published().join(), /"reason":"too much of the device is observed".*"code":"5.03"/);
  it.command({ ...OBSERVE, reqID: 3 });
  assert.equal(it.requests().length, 1);
});

test('with auto_observe, all instances are observed when the device registers, without reqID', async () => {
  const it = new CommandTest({ auto_observe: true });
  await it.register('lt=60&lwm2m=1.1&b=U', '</1/0>,</3/0>,</31024>,</31024/10>');
  const lines: string[] = [];
  for (let requests = it.requests(); requests.length > 0; requests = it.requests()) {
    for (const request of requests) {
      lines.push(
        request.options
          .filter(({ number }) => number === OptionNumber.UriPath)
          .map(({ text }) => text)
          .join('/'),
      );
      it.responds(request, '2.05', { observe: 0 });
    }
  }
  assert.deepEqual(lines, ['1/0', '3/0', '31024/10']);
  assert.deepEqual(
    it.published()[0],
    'resp={"msgType":"observe","data":{"reqPath":"/1/0","codeMsg":"content","code":"2.05"}}',
  );
});

test('with a list in auto_observe, its paths are observed that the device has', async () => {
  const it = new CommandTest({ auto_observe: ['/3/0/9', '/4/0/2'] });
  await it.register();
  assert.deepEqual(it.look(), ['GET /3/0/9 Observe=0']);
});

test('what an update lists anew is observed, and nothing twice', async () => {
  const it = new CommandTest({ auto_observe: true });
  await it.register('lt=60&lwm2m=1.1&b=U', '</3/0>');
  it.responds(it.request(), '2.05', { observe: 0 });
  await it.update('', '</3/0>,</5/0>');
  assert.deepEqual(it.look(), ['GET /5/0 Observe=0']);
});

test('what is to be observed already is not asked for twice', async () => {
  const it = new CommandTest({ auto_observe: true });
  const queueMode = 'lt=60&lwm2m=1.1&b=U&Q';
  await it.register(queueMode, '</3/0>,</5/0>');
  await it.update('', '</3/0>,</5/0>,</1/0>');
  assert.equal(it.states().length, 3);
});

test('several paths are observed together, and cancelled together', async () => {
  const it = new CommandTest();
  await it.register('lt=60&lwm2m=1.2&b=U', '</>;rt="oma.lwm2m";ct="110 112",</3/0>');
  const data = { paths: ['/3/0/9', '/3/0/13'] };
  it.command({ reqID: 1, msgType: 'observe-composite', data });
  const request = it.request();
  const hex = Buffer.from('[{"bn":"/3/0/","n":"9","v":42}]').toString('hex');
  it.responds(request, '2.05', { format: 110, hex, observe: 0 });
  it.published();
  it.notifies(request, 1, hex, { format: 110 });
  assert.deepEqual(it.published(), [
    'notify={"seqNum":1,"reqID":1,"msgType":"notify","data":{"reqPath":["/3/0/9","/3/0/13"],"content":[{"value":42,"path":"/3/0/9"}],"codeMsg":"content","code":"2.05"}}',
  ]);
  it.command({ reqID: 2, msgType: 'cancel-observe-composite', data });
  const cancel = it.request();
  assert.deepEqual(cancel.token, request.token);
  assert.deepEqual(cancel.options[0], uintOption(OptionNumber.Observe, 1));
  assert.deepEqual(cancel.payload, request.payload);
  it.responds(cancel, '2.05', { format: 110, hex });
  it.published();
  it.notifies(request, 2, hex, { format: 110 });
  assert.deepEqual(it.published(), []);
});
