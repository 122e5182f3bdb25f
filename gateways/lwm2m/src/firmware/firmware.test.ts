import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { block2, bytes } from '@portico/coap-endpoint/testing';
import {
  type CoapMessage,
  codeText,
  decodeBlock,
  findOption,
  Method,
  OptionNumber,
} from '@portico/codec-coap';
import { CommandTest } from '../commands/testing/command-test.js';
import { fileServer } from './testing/file-server.js';

const PACKAGE = bytes(2500);
const PUSH = {
  reqID: 7,
  msgType: 'firmware',
  data: { path: '/5/0', value: PACKAGE.toString('base64') },
};
const DONE =
  'resp={"reqID":7,"msgType":"firmware","data":{"reqPath":"/5/0","codeMsg":"changed","code":"2.04"}}';
const PULL_URI = 'coap://192.0.2.1:5783';

/** The device takes on the observations of State and Update Result, which go before the package. */
function takesObservations(it: CommandTest): void {
  for (const path of ['/5/0/3', '/5/0/5']) {
    const request = it.request();
    assert.equal(it.line(request), `GET ${path} Observe=0`);
    it.responds(request, '2.05', { format: 0, observe: 1, hex: '30' });
  }
  it.published();
}

/** The device takes a package block by block. @returns the package */
function takesBlocks(it: CommandTest, first: CoapMessage, pause = 0): Buffer {
  const parts: Buffer[] = [];
  for (let request = first; ; request = it.request()) {
    const block = decodeBlock(findOption(request, OptionNumber.Block1)?.uint ?? 7);
    assert.ok(block);
    parts.push(Buffer.from(request.payload));
    it.it.wait(pause);
    it.responds(request, block.more ? '2.31' : '2.04', { options: [it.block1(block.num, block.more)] });
    if (!block.more) return Buffer.concat(parts);
  }
}

test('a package is pushed in blocks; what the device makes of it is observed', async () => {
  const it = new CommandTest();
  await it.register();
  it.command(PUSH);
  const state = it.request();
  it.responds(state, '2.05', { format: 0, observe: 1, hex: '30' });
  it.responds(it.request(), '2.05', { format: 0, observe: 1, hex: '30' });
  it.published();
  const first = it.request();
  assert.match(it.line(first), /^PUT \/5\/0\/0 Content-Format=application\/octet-stream Block1=/);
  assert.deepEqual(takesBlocks(it, first), PACKAGE);
  assert.deepEqual(it.published(), [
    'notify={"reqID":7,"msgType":"firmware","data":{"total":2500,"sent":1024,"reqPath":"/5/0"}}',
    'notify={"reqID":7,"msgType":"firmware","data":{"total":2500,"sent":2500,"reqPath":"/5/0"}}',
    DONE,
  ]);
  it.notifies(state, 2, '32', { format: 0 });
  assert.deepEqual(it.published(), [
    'notify={"seqNum":2,"reqID":7,"msgType":"notify","data":{"reqPath":"/5/0/3","content":[{"value":2,"path":"/5/0/3"}],"codeMsg":"content","code":"2.05"}}',
  ]);
});

test('how far a package is, is told every five seconds', async () => {
  const it = new CommandTest();
  await it.register();
  it.command({ ...PUSH, data: { path: '/5/0', value: bytes(20 * 1024).toString('base64') } });
  takesObservations(it);
  takesBlocks(it, it.request(), 1000);
  const sent = it.published().map((line) => /"sent":(\d+)/.exec(line)?.[1]);
  assert.deepEqual(sent, ['1024', '6144', '11264', '16384', '20480', undefined]);
});

test('a message below dn/firmware is a package by itself', async () => {
  const it = new CommandTest();
  await it.register();
  it.it.command('dev1', 'not JSON', 1, 'dn/firmware/abc');
  takesObservations(it);
  const request = it.request();
  assert.equal(it.line(request), 'PUT /5/0/0 Content-Format=application/octet-stream 6e6f74204a534f4e');
  it.responds(request, '2.04');
  assert.deepEqual(it.published(), [DONE.replace('7', '"abc"')]);
});

test('software management has its package elsewhere', async () => {
  const it = new CommandTest();
  await it.register();
  it.command({ ...PUSH, data: { path: '/9/1', value: 'AQI=' } });
  const lines: string[] = [];
  for (let turn = 0; turn < 3; turn++) {
    const request = it.request();
    lines.push(it.line(request));
    it.responds(request, '4.04');
  }
  assert.deepEqual(lines, [
    'GET /9/1/7 Observe=0',
    'GET /9/1/9 Observe=0',
    'PUT /9/1/2 Content-Format=application/octet-stream 0102',
  ]);
});

test('a package is downloaded, then pushed; the device is sent nothing else meanwhile', async (t) => {
  const { url, asked } = await fileServer(t, (_, response) => response.end(PACKAGE));
  const it = new CommandTest({ firmware: { urls: [url] } });
  await it.register();
  it.command({ ...PUSH, data: { path: '/5/0', url: `${url}v2.bin` } });
  takesObservations(it);
  it.command({ reqID: 8, msgType: 'read', data: { path: '/3/0/9' } });
  assert.deepEqual(it.look(), []);
  const [first] = await it.nextRequests();
  assert.ok(first);
  assert.deepEqual(takesBlocks(it, first), PACKAGE);
  assert.deepEqual(asked, ['/v2.bin']);
  assert.deepEqual(it.look(), ['GET /3/0/9']);
});

/** A server that answers with the package when it is told to. */
async function slowServer(t: TestContext) {
  let asked: (answer: () => void) => void = () => {};
  const request = new Promise<() => void>((resolve) => (asked = resolve));
  const server = await fileServer(t, (_, response) => asked(() => response.end(PACKAGE)));
  return { ...server, request };
}

test('a device that fell asleep while its package was downloaded gets it when it is heard, however late', async (t) => {
  const { url, asked, request } = await slowServer(t);
  const it = new CommandTest({ firmware: { urls: [url] } });
  await it.register('lt=3600&lwm2m=1.1&b=U&Q');
  it.command({ ...PUSH, data: { path: '/5/0', url } });
  takesObservations(it);
  const answer = await request;
  it.it.wait(22_000);
  answer();
  await it.downloaded(url);
  it.it.wait(600_000);
  await it.update();
  assert.deepEqual(takesBlocks(it, it.request()), PACKAGE);
  assert.equal(asked.length, 1);
});

test('a package whose command is over when it has been downloaded is not kept', async (t) => {
  const { url, request } = await slowServer(t);
  const it = new CommandTest({ firmware: { urls: [url], expiry: '10m' } });
  await it.register();
  it.command({ ...PUSH, data: { path: '/5/0', url } });
  takesObservations(it);
  const answer = await request;
  await it.peer.request(Method.DELETE, it.path);
  answer();
  await it.downloaded(url);
  assert.equal(it.packageBytes, PACKAGE.length);
  it.it.wait(600_000);
  assert.equal(it.packageBytes, 0);
});

test('a package that cannot be downloaded is answered so', async (t) => {
  const { url } = await fileServer(t, (_, response) => response.writeHead(404).end());
  const it = new CommandTest({ firmware: { urls: [url] } });
  await it.register();
  it.command({ ...PUSH, data: { path: '/5/0', url } });
  takesObservations(it);
  assert.deepEqual(await it.nextPublished(), [
    'resp={"reqID":7,"msgType":"firmware","data":{"reqPath":"/5/0","reason":"the package cannot be downloaded: HTTP 404","codeMsg":"bad_gateway","code":"5.02"}}',
  ]);
  assert.deepEqual(it.states(), []);
});

/** The device is written where the package is. @returns the path of the URI */
function takesUri(it: CommandTest): string {
  takesObservations(it);
  const request = it.request();
  assert.match(it.line(request), /^PUT \/5\/0\/1 /);
  const uri = /coap:\/\/192\.0\.2\.1:5783\/(fw\/[0-9a-f]{32}\/[0-9a-f]{12})/.exec(request.payload.toString());
  it.responds(request, '2.04');
  assert.deepEqual(it.published(), [DONE]);
  return uri?.[1] ?? assert.fail('no URI');
}

/** Somebody fetches the package from another address. @returns it */
function fetches(it: CommandTest, path: string, blockSize: number, pause = 0): Buffer {
  const elsewhere = it.it.peer();
  const parts: Buffer[] = [];
  for (let num = 0; num * blockSize < PACKAGE.length; num++) {
    elsewhere.request(Method.GET, path, { options: [block2(num, blockSize)] });
    const [answer] = elsewhere.take();
    assert.equal(codeText(answer?.code ?? 0), '2.05');
    parts.push(answer?.payload ?? assert.fail('no payload'));
    it.it.wait(pause);
  }
  return Buffer.concat(parts);
}

const PULL = { ...PUSH, data: { ...PUSH.data, mode: 'pull' } };
const far = (sent: number) =>
  `notify={"reqID":7,"msgType":"firmware","data":{"total":2500,"sent":${sent},"reqPath":"/5/0"}}`;

test('a device fetches a package from the hub in blocks, until it expires', async () => {
  const it = new CommandTest({ firmware: { pull_uri: PULL_URI, expiry: '10m' } });
  await it.register();
  it.command(PULL);
  const path = takesUri(it);
  assert.deepEqual(fetches(it, path, 512), PACKAGE);
  assert.deepEqual(it.published(), [far(512), far(2500)]);
  it.it.wait(600_000);
  const elsewhere = it.it.peer();
  elsewhere.request(Method.GET, path);
  assert.equal(codeText(elsewhere.take()[0]?.code ?? 0), '4.04');
});

test('how far a package is that a device fetches, is told every five seconds', async () => {
  const it = new CommandTest({ firmware: { pull_uri: PULL_URI } });
  await it.register();
  it.command(PULL);
  fetches(it, takesUri(it), 256, 2000);
  assert.deepEqual(it.published(), [far(256), far(1024), far(1792), far(2500)]);
});

test('of a device that is told to fetch a package once more, the later command is told of', async () => {
  const it = new CommandTest({ firmware: { pull_uri: PULL_URI } });
  await it.register();
  it.command(PULL);
  const first = takesUri(it);
  it.command(PULL);
  const second = takesUri(it);
  assert.notEqual(second, first);
  assert.deepEqual(fetches(it, first, 1024), PACKAGE, 'it may have begun');
  assert.deepEqual(it.published(), []);
  fetches(it, second, 1024);
  assert.deepEqual(it.published(), [far(1024), far(2500)]);
});

test('a block behind the end of a package is no progress', async () => {
  const it = new CommandTest({ firmware: { pull_uri: PULL_URI } });
  await it.register();
  it.command(PULL);
  const path = takesUri(it);
  const elsewhere = it.it.peer();
  elsewhere.request(Method.GET, path, { options: [block2(3, 1024)] });
  assert.equal(codeText(elsewhere.take()[0]?.code ?? 0), '4.00');
  assert.deepEqual(it.published(), []);
});

test('a device that sleeps gets its package when it is awake, also after a restart', async () => {
  let it = new CommandTest();
  await it.register('lt=3600&lwm2m=1.1&b=U&Q');
  it.it.wait(22_000);
  it.command(PUSH);
  assert.deepEqual(it.look(), []);
  it = await it.restarts();
  assert.deepEqual(it.look(), []);
  await it.update();
  takesObservations(it);
  assert.deepEqual(takesBlocks(it, it.request()), PACKAGE);
  assert.equal(it.published().at(-1), DONE);
});

const REFUSED: readonly (readonly [data: object, reason: string])[] = [
  [{ path: '/5/0', url: 'https://files.example/a' }, 'url has to begin with one of firmware.urls'],
  [
    { path: '/5/0', value: 'AQI=', mode: 'pull' },
    'devices cannot fetch packages here: firmware.pull_uri is not configured',
  ],
  [{ path: '/5/0', value: 'AQI=', mode: 'post' }, 'mode has to be push or pull'],
  [{ path: '/5/0' }, 'data needs either url or value'],
  [{ path: '/5/0', url: 'https://files.example/a', value: 'AQI=' }, 'data needs either url or value'],
  [{ path: '/5/0', value: '' }, 'the package is empty'],
  [{ path: '/3/0', value: 'AQI=' }, 'path has to be of an instance of object 5 or 9'],
];

for (const [data, reason] of REFUSED) {
  test(`a firmware command is refused: ${reason}`, async () => {
    const it = new CommandTest();
    await it.register();
    it.command({ ...PUSH, data });
    const [answer = '', another] = it.published();
    assert.ok(answer.includes(`"reason":"${reason}"`), answer);
    assert.equal(another, undefined);
    assert.deepEqual(it.look(), []);
  });
}
