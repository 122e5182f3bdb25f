import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MessageType } from '@portico/codec-coap';
import { CommandTest } from '../commands/testing/command-test.js';
import { register } from '../testing.js';

const READ = { reqID: 1, msgType: 'read', data: { path: '/3/0/9' } };
const LEVEL = { format: 11542, hex: 'c10964' };
const QUEUE_MODES = ['lt=3600&lwm2m=1.0&b=UQ', 'lt=3600&lwm2m=1.1&b=U&Q', 'lt=3600&lwm2m=1.0&b=UQS'];
const [QUEUE_MODE = ''] = QUEUE_MODES;

/** A device that has registered in queue mode and fallen asleep. */
async function asleep(config: Record<string, unknown> = {}, query = QUEUE_MODE): Promise<CommandTest> {
  const it = new CommandTest(config);
  await it.register(query);
  it.it.wait(22_000);
  return it;
}

for (const query of QUEUE_MODES) {
  test(`${query}: commands wait while the device sleeps, and are sent when it updates, one at a time`, async () => {
    const it = await asleep({}, query);
    it.command(READ);
    it.command({ ...READ, reqID: 2 });
    assert.deepEqual(it.look(), []);
    assert.deepEqual(it.states(), ['queued 1', 'queued 2']);
    assert.equal(it.it.count('commands.queued'), 2);
    await it.update();
    assert.deepEqual(it.states(), ['sent 1', 'queued 2']);
    it.responds(it.request(), '2.05', LEVEL);
    it.responds(it.request(), '2.05', LEVEL);
    assert.deepEqual(it.states(), []);
    assert.equal(it.published().length, 2);
  });
}

test('a device that is not in queue mode is sent commands at once, however long it has been silent', async () => {
  const it = await asleep({}, 'lt=3600&lwm2m=1.1&b=U');
  it.command(READ);
  assert.deepEqual(it.look(), ['GET /3/0/9']);
});

test('for qmode_time_window after it was heard the device is sent commands at once', async () => {
  const it = new CommandTest({ qmode_time_window: '30s' });
  await it.register(QUEUE_MODE);
  it.it.wait(29_999);
  it.command(READ);
  assert.deepEqual(it.look(), ['GET /3/0/9']);
});

test('a response keeps the device awake', async () => {
  const it = new CommandTest();
  await it.register(QUEUE_MODE);
  for (let reqID = 1; reqID <= 3; reqID++) {
    it.it.wait(20_000);
    it.command({ ...READ, reqID });
    it.responds(it.requests().at(-1) ?? assert.fail('not sent'), '2.05', LEVEL);
  }
  assert.equal(it.published().length, 3);
});

test('a notification wakes the device', async () => {
  const it = new CommandTest();
  await it.register(QUEUE_MODE);
  it.command({ ...READ, reqID: 1, msgType: 'observe' });
  const observe = it.request();
  it.responds(observe, '2.05', { ...LEVEL, observe: 1 });
  it.it.wait(22_000);
  it.command({ ...READ, reqID: 2 });
  assert.deepEqual(it.look(), []);
  it.notifies(observe, 2, 'c1092a');
  assert.deepEqual(it.look(), ['GET /3/0/9']);
});

test('what was sent as the device fell asleep is not sent again when it is awake', async () => {
  const it = new CommandTest();
  await it.register(QUEUE_MODE);
  it.command({ reqID: 1, msgType: 'execute', data: { path: '/3/0/4' } });
  it.command({ ...READ, reqID: 2 });
  const execute = it.request();
  it.it.wait(100_000);
  it.requests();
  assert.deepEqual(it.states(), ['queued 2']);
  await it.update();
  assert.deepEqual(it.look(), ['GET /3/0/9']);
  it.responds(execute, '2.04', { type: MessageType.NON });
  assert.match(it.published().at(-1) ?? '', /"reqID":1.*"code":"2.04"/);
  assert.deepEqual(it.states().includes('sent 2'), true);
});

test('a message that expires while it waits is answered, and never sent', async () => {
  const it = await asleep({ command_expiry: '60s' });
  it.command(READ);
  it.it.wait(30_000);
  it.command({ ...READ, reqID: 2 });
  it.it.wait(30_010);
  assert.deepEqual(it.published(), [
    'resp={"reqID":1,"msgType":"read","data":{"reqPath":"/3/0/9","reason":"the command expired while it waited for the device","codeMsg":"gateway_timeout","code":"5.04"}}',
  ]);
  assert.deepEqual(it.states(), ['queued 2']);
  assert.equal(it.it.count('commands.expired'), 1);
  await it.update();
  it.responds(it.request(), '2.05', LEVEL);
  assert.deepEqual(it.states(), []);
});

test('the expiry of the message counts where it is shorter', async () => {
  const it = await asleep();
  it.command(READ, 5);
  it.it.wait(5010);
  assert.match(it.published().join(), /"code":"5.04"/);
});

test('commands wait for ever where nothing expires', async () => {
  const it = await asleep({ command_expiry: 0, lifetime_max: '365d' }, 'lt=31536000&lwm2m=1.0&b=UQ');
  it.command(READ);
  it.it.wait(300 * 86_400_000);
  assert.deepEqual(it.states(), ['queued 1']);
});

test('the queue is kept on a registration with the same objects', async () => {
  const it = await asleep();
  it.command(READ);
  await it.register(QUEUE_MODE);
  assert.deepEqual(it.look(), ['GET /3/0/9']);
  assert.deepEqual(it.published(), []);
});

test('the queue is dropped, and answered, on a registration with other objects', async () => {
  const it = await asleep();
  it.command(READ);
  await it.register(QUEUE_MODE, '</3/0>');
  assert.deepEqual(it.published(), [
    'resp={"reqID":1,"msgType":"read","data":{"reqPath":"/3/0/9","reason":"the device is no longer registered as it was","codeMsg":"service_unavailable","code":"5.03"}}',
  ]);
  assert.deepEqual(it.look(), []);
  assert.equal(it.it.count('commands.dropped'), 1);
});

test('the queue is kept on an update, with other objects too', async () => {
  const it = await asleep();
  it.command(READ);
  await it.update('', '</3/0>');
  assert.deepEqual(it.look(), ['GET /3/0/9']);
});

for (const [how, end] of [
  ['deregisters', (it: CommandTest) => it.peer.request(4, it.path)],
  ['is silent for its lifetime', (it: CommandTest) => it.it.wait(3_600_000)],
] as const) {
  test(`the queue is dropped, and answered, when the device ${how}`, async () => {
    const it = await asleep();
    it.command(READ);
    it.command({ ...READ, reqID: 2 });
    await end(it);
    const answers = it.published();
    assert.equal(answers.length, 2);
    for (const answer of answers)
      assert.match(answer, /"reason":"the device is no longer registered as it was"/);
    const after = await it.restarts();
    await after.register(QUEUE_MODE);
    assert.deepEqual(after.look(), []);
  });
}

for (const [what, act] of [
  ['is kicked', (it: CommandTest) => it.it.hub.engine.kick('dev1')],
  ['is banned', ban],
  ['loses its name to another client', (it: CommandTest) => it.it.hub.client('dev1')],
] as const) {
  test(`the queue is dropped, and answered, when the device ${what}`, async () => {
    const it = new CommandTest();
    await it.register(QUEUE_MODE);
    it.command(READ);
    it.command({ ...READ, reqID: 2 });
    act(it);
    const answers = it.published();
    assert.equal(answers.length, 2);
    for (const answer of answers) assert.match(answer, /"code":"5.03"/);
    assert.equal(it.it.count('messages.dropped.unpublished'), 0);
  });
}

test('a banned device leaves no session that takes commands for whoever has its name later', async () => {
  const it = await asleep();
  ban(it);
  assert.equal(it.it.hub.engine.sessions.get('dev1'), undefined);
});

function ban({ it: { hub } }: CommandTest): void {
  const at = hub.clock.now();
  hub.engine.ban({ as: 'clientid', who: 'dev1', by: 'user', reason: '', at, until: at + 60_000 });
}

for (const how of ['falls', 'stops'] as const) {
  test(`what waits is sent after the hub ${how} and starts again, in order, before what comes then`, async () => {
    const before = await asleep();
    before.command(READ);
    before.command({ ...READ, reqID: 2 });
    const it = await before.restarts(how);
    it.command({ ...READ, reqID: 3 });
    assert.deepEqual(it.states(), ['queued 1', 'queued 2', 'queued 3']);
    await it.update();
    for (let reqID = 1; reqID <= 3; reqID++) it.responds(it.request(), '2.05', LEVEL);
    assert.deepEqual(
      it.published().map((answer) => /"reqID":(\d)/.exec(answer)?.[1]),
      ['1', '2', '3'],
    );
    const again = await it.restarts(how);
    await again.update();
    assert.deepEqual(again.look(), []);
  });

  test(`what was on its way when the hub ${how} is answered, and not sent again`, async () => {
    const before = await asleep();
    before.command({ reqID: 1, msgType: 'execute', data: { path: '/3/0/4' } });
    await before.update();
    assert.deepEqual(before.states(), ['sent 1']);
    const it = await before.restarts(how);
    assert.deepEqual(it.published(), [
      'resp={"reqID":1,"msgType":"execute","data":{"reqPath":"/3/0/4","reason":"the hub was started anew before the device answered","codeMsg":"gateway_timeout","code":"5.04"}}',
    ]);
    await it.update();
    assert.deepEqual(it.look(), []);
  });
}

test('what expires while the hub is down is answered', async () => {
  const fallen = await asleep();
  fallen.command(READ, 60);
  fallen.it.gateway.stop?.();
  fallen.it.wait(61_000);
  const it = await fallen.restarts();
  assert.match(it.published().join(), /"reason":"the command expired/);
});

test('a command for a device that has no way back waits until it speaks', async () => {
  const it = new CommandTest();
  const dtls = { listener: 'lwm2m:dtls:default', transport: 'dtls' } as const;
  it.peer = it.it.peer(dtls);
  await it.register();
  it.peer.closes();
  it.command(READ);
  assert.deepEqual(it.states(), ['queued 1']);
  it.peer = it.it.peer(dtls);
  await it.update();
  assert.deepEqual(it.look(), ['GET /3/0/9']);
});

test('a command is answered whose device goes while it is to answer', async () => {
  const it = new CommandTest();
  await it.register();
  it.command(READ);
  it.peer.closes();
  assert.match(
    it.published().join(),
    /"reason":"the connection to the device ended before it answered".*"code":"5.03"/,
  );
});

test('a device that registers before its session is there again gets what was stored for it', async () => {
  const before = await asleep();
  before.command(READ);
  const it = await before.beginsAnew();
  await it.register(QUEUE_MODE);
  assert.deepEqual(it.look(), ['GET /3/0/9']);
});

test('when it then lists other objects, what was stored is dropped, and answered', async () => {
  const before = await asleep();
  before.command(READ);
  const it = await before.beginsAnew();
  await it.register(QUEUE_MODE, '</3/0>');
  assert.match(it.published().join(), /"reason":"the device is no longer registered as it was"/);
  assert.deepEqual(it.look(), []);
  assert.deepEqual(it.states(), []);
});

test('of several devices behind one address, the one that answers is kept awake', async () => {
  const it = new CommandTest();
  await register(it.peer, 'ep=dev2&lt=60&lwm2m=1.1', '</3/0>');
  it.peer.take();
  await it.register(QUEUE_MODE);
  it.it.wait(20_000);
  it.command(READ);
  it.responds(it.request(), '2.05', LEVEL);
  it.it.wait(20_000);
  it.command({ ...READ, reqID: 2 });
  assert.deepEqual(it.look(), ['GET /3/0/9']);
});
