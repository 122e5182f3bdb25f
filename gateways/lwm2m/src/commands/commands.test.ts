import assert from 'node:assert/strict';
import { test } from 'node:test';
import { emptyMessage, MessageType } from '@portico/codec-coap';
import { CommandTest } from './testing/command-test.js';

const READ = { reqID: 1, msgType: 'read', data: { path: '/3/0/9' } };
/** 100 as the value of /3/0/9 in TLV. */
const LEVEL_100 = 'c10964';
const ANSWER_100 =
  'resp={"reqID":1,"msgType":"read","data":{"reqPath":"/3/0/9","content":[{"value":100,"path":"/3/0/9"}],"codeMsg":"content","code":"2.05"}}';

test('a command is sent to the device, and its answer published', async () => {
  const it = new CommandTest();
  await it.register();
  it.command(READ);
  assert.deepEqual(it.states(), ['sent 1']);
  const request = it.request();
  assert.equal(request.type, MessageType.CON);
  assert.equal(request.token.length, 8);
  it.responds(request, '2.05', { format: 11542, hex: LEVEL_100 });
  assert.deepEqual(it.published(), [ANSWER_100]);
  assert.deepEqual(it.states(), []);
  assert.deepEqual(
    it.it.gateway.view.lastValues('dev1')?.map(({ path, value }) => [path, value]),
    [['/3/0/9', 100]],
  );
});

test('commands are sent one at a time, in order', async () => {
  const it = new CommandTest();
  await it.register();
  it.command(READ);
  it.command({ reqID: 2, msgType: 'execute', data: { path: '/3/0/4' } });
  it.command({ reqID: 3, msgType: 'delete', data: { path: '/1/5' } });
  assert.deepEqual(it.states(), ['sent 1', 'queued 2', 'queued 3']);
  const read = it.request();
  it.responds(read, '2.05', { format: 11542, hex: LEVEL_100 });
  it.responds(it.request(), '2.04');
  it.responds(it.request(), '4.04');
  assert.deepEqual(it.published(), [
    ANSWER_100,
    'resp={"reqID":2,"msgType":"execute","data":{"reqPath":"/3/0/4","codeMsg":"changed","code":"2.04"}}',
    'resp={"reqID":3,"msgType":"delete","data":{"reqPath":"/1/5","codeMsg":"not_found","code":"4.04"}}',
  ]);
  assert.deepEqual(it.states(), []);
  const counted = ['received', 'sent', 'answered'].map((name) => it.it.count(`commands.${name}`));
  assert.deepEqual(counted, [3, 3, 3]);
});

test('a device that answers later acknowledges first, and both are told', async () => {
  const it = new CommandTest();
  await it.register();
  it.command({ reqID: 'a', msgType: 'execute', data: { path: '/3/0/4' } });
  const request = it.request();
  it.peer.sends(emptyMessage(MessageType.ACK, request.messageId));
  assert.deepEqual(it.published(), ['resp={"reqID":"a","msgType":"ack"}']);
  it.responds(request, '2.04', { type: MessageType.CON });
  assert.deepEqual(it.published(), [
    'resp={"reqID":"a","msgType":"execute","data":{"reqPath":"/3/0/4","codeMsg":"changed","code":"2.04"}}',
  ]);
});

test('a list of paths is asked for one by one', async () => {
  const it = new CommandTest();
  await it.register();
  it.command({ reqID: 1, msgType: 'read', data: { paths: ['/3/0/9', '/3/0/13'] } });
  const first = it.request();
  it.responds(first, '2.05', { format: 11542, hex: LEVEL_100 });
  it.responds(it.request(), '2.05', { format: 11542, hex: 'c40d6553f100' });
  assert.deepEqual(it.published(), [
    ANSWER_100,
    'resp={"reqID":1,"msgType":"read","data":{"reqPath":"/3/0/13","content":[{"value":1700000000,"path":"/3/0/13"}],"codeMsg":"content","code":"2.05"}}',
  ]);
});

test('a device that does not answer is given up, and the command not sent again', async () => {
  const it = new CommandTest();
  await it.register();
  it.command(READ);
  it.it.wait(100_000);
  const sent = it.requests();
  assert.equal(new Set(sent.map(({ messageId }) => messageId)).size, 1);
  assert.equal(sent.length, 5);
  assert.deepEqual(it.published(), [
    'resp={"reqID":1,"msgType":"read","data":{"reqPath":"/3/0/9","reason":"the device did not answer","codeMsg":"gateway_timeout","code":"5.04"}}',
  ]);
  assert.deepEqual(it.states(), []);
  assert.equal(it.it.count('commands.timeout'), 1);
  await it.peer.request(2, it.path);
  it.it.wait(100_000);
  assert.deepEqual(it.look(), []);
});

test('an answer that comes late is told all the same, once', async () => {
  const it = new CommandTest();
  await it.register();
  it.command(READ);
  const request = it.request();
  it.it.wait(100_000);
  it.published();
  it.peer.take();
  it.responds(request, '2.05', { type: MessageType.NON, format: 11542, hex: LEVEL_100 });
  it.responds(request, '2.05', { type: MessageType.NON, format: 11542, hex: LEVEL_100 });
  assert.deepEqual(it.published(), [ANSWER_100]);
  assert.equal(it.it.count('commands.answered.late'), 1);
});

test('a late answer in blocks is told whole', async () => {
  const it = new CommandTest();
  await it.register();
  it.command({ ...READ, data: { path: '/3/0/0' } });
  const request = it.request();
  it.it.wait(100_000);
  it.published();
  it.peer.take();
  const text = 'x'.repeat(100);
  const part = (num: number) => ({
    format: 0,
    hex: Buffer.from(text.slice(num * 64, num * 64 + 64)).toString('hex'),
    options: [it.block2(num, num === 0)],
  });
  it.responds(request, '2.05', { type: MessageType.NON, ...part(0) });
  assert.deepEqual(it.published(), []);
  it.responds(it.request(), '2.05', part(1));
  assert.match(it.published().join(), new RegExp(`"value":"${text}"`));
});

test('a late answer in blocks of which one does not come is told to be incomplete', async () => {
  const it = new CommandTest();
  await it.register();
  it.command({ reqID: 1, msgType: 'execute', data: { path: '/3/0/4' } });
  const request = it.request();
  it.it.wait(100_000);
  it.published();
  it.peer.take();
  const first = { hex: '00'.repeat(64), options: [it.block2(0, true)] };
  it.responds(request, '2.04', { type: MessageType.NON, ...first });
  it.responds(it.request(), '2.04', first);
  assert.match(it.published().join(), /"code":"4.08"/);
  assert.deepEqual(it.look(), []);
});

for (const [what, fields] of [
  ['reqID', { reqID: 'x'.repeat(1024) }],
  ['field', { reqID: 1, note: ['x'.repeat(1024)] }],
] as const) {
  test(`a command with a ${what} that is too long is not carried out, nor repeated`, async () => {
    const it = new CommandTest();
    await it.register();
    it.command({ ...READ, ...fields });
    assert.deepEqual(it.look(), []);
    assert.ok(it.published().join().length < 500);
    assert.deepEqual(it.states(), []);
    assert.equal(it.it.count('commands.invalid'), 1);
  });
}

test('a number of more digits than any type has is no command', async () => {
  const it = new CommandTest();
  await it.register();
  it.command(`{"reqID":${'1'.repeat(65)},"msgType":"read","data":{"path":"/3/0/9"}}`);
  assert.deepEqual([it.look(), it.it.count('commands.invalid')], [[], 1]);
});

test('a request that the device rejects is answered with 5.02', async () => {
  const it = new CommandTest();
  await it.register();
  it.command(READ);
  it.peer.rejects();
  assert.match(
    it.published().join(),
    /"reason":"the device rejected the message","codeMsg":"bad_gateway","code":"5.02"/,
  );
  assert.deepEqual(it.states(), []);
});

test('a message that is no command is answered where it has a reqID', async () => {
  const it = new CommandTest();
  await it.register();
  it.command({ reqID: 1, msgType: 'bogus', data: { path: '/3/0' } });
  it.command({ reqID: 2, msgType: 'read', data: { path: 'x' } });
  it.command({ reqID: 3, msgType: 'read' });
  const answers = it.published();
  assert.match(
    answers[0] ?? '',
    /^resp=\{"reqID":1,"msgType":"bogus","data":\{"reqPath":"\/3\/0","reason":"msgType has/,
  );
  assert.match(answers[1] ?? '', /"reqID":2.*"reason":"path has to be/);
  assert.match(
    answers[2] ?? '',
    /"reqID":3.*"reqPath":null,"reason":"data has to be an object","codeMsg":"bad_request","code":"4.00"/,
  );
  assert.equal(it.it.count('commands.refused'), 3);
});

test('a message that nobody could be answered is logged and counted', async () => {
  const lines: unknown[][] = [];
  const it = new CommandTest({}, { log: recording(lines) });
  await it.register();
  for (const message of ['{', '[]', 'null', '', '{"msgType":"bogus"}']) it.command(message);
  assert.deepEqual(it.published(), []);
  assert.equal(it.it.count('commands.invalid'), 5);
  assert.equal(lines.filter(([, message]) => message === 'no command on the command topic').length, 5);
});

test('what a version of LwM2M does not have is refused', async () => {
  const it = new CommandTest();
  await it.register('lt=60&lwm2m=1.0');
  it.command({ reqID: 1, msgType: 'read-composite', data: { paths: ['/3/0/9'] } });
  assert.match(
    it.published().join(),
    /"reason":"the device speaks LwM2M 1.0, which has no such operation","codeMsg":"not_implemented","code":"5.01"/,
  );
});

test('a value that its format cannot hold is refused', async () => {
  const it = new CommandTest();
  await it.register('lt=60&lwm2m=1.1', '</>;rt="oma.lwm2m";ct=110,</3/0>');
  it.command('{"reqID":1,"msgType":"write","data":{"path":"/6/0/0","type":"Float","value":1e999}}');
  assert.match(it.published().join(), /"code":"4.00"/);
  assert.deepEqual(it.look(), []);
});

test('more than max_commands are refused', async () => {
  const it = new CommandTest({ max_commands: 2 });
  await it.register();
  for (const reqID of [1, 2, 3]) it.command({ ...READ, reqID });
  assert.deepEqual(it.published(), [
    'resp={"reqID":3,"msgType":"read","data":{"reqPath":"/3/0/9","reason":"too many commands wait for the device","codeMsg":"service_unavailable","code":"5.03"}}',
  ]);
  assert.deepEqual(it.states(), ['sent 1', 'queued 2']);
});

test('an answer in blocks is told whole', async () => {
  const it = new CommandTest();
  await it.register();
  it.command({ reqID: 1, msgType: 'read', encoding: 'hex', data: { path: '/5/0/0' } });
  const whole = Buffer.alloc(100, 7);
  const block = (num: number) => ({
    format: 42,
    hex: whole.subarray(num * 64, num * 64 + 64).toString('hex'),
    options: [it.block2(num, num === 0)],
  });
  it.responds(it.request(), '2.05', block(0));
  it.responds(it.request(), '2.05', block(1));
  assert.match(it.published().join(), new RegExp(`"value":"${whole.toString('hex')}"`));
});

test('a payload longer than a block goes in blocks', async () => {
  const it = new CommandTest();
  await it.register();
  it.command({
    reqID: 1,
    msgType: 'write',
    encoding: 'hex',
    data: { path: '/5/0/0', type: 'Opaque', value: '07'.repeat(1500) },
  });
  const first = it.request();
  assert.equal(first.payload.length, 1024);
  it.responds(first, '2.31', { options: [it.block1(0, true)] });
  const second = it.request();
  assert.equal(second.payload.length, 1500 + 4 - 1024);
  it.responds(second, '2.04', { options: [it.block1(1, false)] });
  assert.match(it.published().join(), /"reqPath":"\/5\/0\/0","codeMsg":"changed","code":"2.04"/);
});

function recording(lines: unknown[][]) {
  const write = (...line: unknown[]) => void lines.push(line);
  const logger = {
    trace: write,
    debug: write,
    info: write,
    warn: write,
    error: write,
    fatal: write,
    isLevelEnabled: () => true,
    tracing: true,
    child: () => logger,
  };
  return logger;
}
