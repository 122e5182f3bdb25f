import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import coap from 'coap';
import { Command } from '../support/command.js';
import { FREE_PORTS } from '../support/configuration.js';
import { eventually } from '../support/eventually.js';
import { patience } from '../support/patience.js';
import { Portico } from '../support/portico.js';

/** Payloads in blocks (RFC 7959) with libcoap's client and with node-coap. */

/** 100 kB of text without line ends. */
const BIG = randomBytes(50_000).toString('hex');

let portico: Portico;
let port: number;
let uri: string;
let mqtt: string[];
let folder: string;
let file: string;

before(async () => {
  portico = await Portico.start({ config: FREE_PORTS.replace('coap:', 'coap:\n    plain_get: retained') });
  port = portico.port('coap:udp:default');
  uri = `coap://127.0.0.1:${port}/mqtt`;
  mqtt = ['-h', '127.0.0.1', '-p', String(portico.port('mqtt:tcp:default'))];
  folder = await mkdtemp(join(tmpdir(), 'portico-blocks-'));
  file = join(folder, 'payload');
  await writeFile(file, BIG);
});

after(async () => {
  await portico.stop();
  await rm(folder, { recursive: true });
});

const client = (...args: string[]) => Command.run('coap-client-notls', '-v', '6', ...args);

/** What an MQTT subscriber sees while something is done. */
async function published(topic: string, act: () => Promise<void>): Promise<string> {
  const sub = await Command.subscriber(portico.port('mqtt:tcp:default'), '-t', topic);
  await act();
  await sub.expect(new RegExp(`${BIG.slice(-64)}$`, 'm'));
  await sub.stop();
  return sub.output;
}

function request(options: Exclude<Parameters<typeof coap.request>[0], string>) {
  return coap.request({ host: '127.0.0.1', port, ...options });
}

interface Answer {
  readonly code: string;
  readonly payload: Buffer;
}

async function answerTo(outgoing: ReturnType<typeof coap.request>, payload = ''): Promise<Answer> {
  const answered = once(outgoing, 'response', { signal: patience() });
  outgoing.end(payload);
  const [answer] = (await answered) as [Answer];
  return answer;
}

suite('libcoap', () => {
  for (const size of [16, 64, 256, 1024]) {
    test(`PUT of 100 kB in blocks of ${size} bytes is published as a whole`, async () => {
      const output = await published(`big/${size}`, async () => {
        const answer = await client('-b', String(size), '-m', 'put', '-f', file, `${uri}/big/${size}?c=dev1`);
        assert.match(answer, /c:2\.04/);
      });
      assert.ok(output.includes(`big/${size} ${BIG}\n`));
    });

    test(`GET of 100 kB in blocks of ${size} bytes`, async () => {
      const topic = `retained/${size}`;
      await Command.run('mosquitto_pub', ...mqtt, '-q', '1', '-r', '-t', topic, '-f', file);
      const got = join(folder, `got-${size}`);
      await client('-b', String(size), '-m', 'get', '-o', got, `${uri}/${topic}?c=dev1`);
      assert.equal(await readFile(got, 'utf8'), BIG);
    });
  }

  for (const size of [64, 1024]) {
    test(`an observer fetches notifications of 100 kB in blocks of ${size} bytes`, async () => {
      const topic = `observed/${size}`;
      const got = join(folder, `observed-${size}`);
      const observer = new Command(
        // Without stdbuf it would keep what it prints.
        'stdbuf',
        ...[
          '-oL',
          'coap-client-notls',
          '-v',
          '6',
          '-b',
          String(size),
          '-s',
          '20',
          '-m',
          'get',
          '-o',
          got,
          `${uri}/${topic}?c=dev2`,
        ],
      );
      await observer.expect(/t:ACK c:2\.05/);
      for (let count = 0; count < 3; count++) {
        await Command.run('mosquitto_pub', ...mqtt, '-q', '1', '-t', topic, '-f', file);
      }
      await eventually('three notifications arrive', () => {
        return existsSync(got) && readFileSync(got, 'utf8').replaceAll(BIG, '!').includes('!!!');
      });
      await observer.stop();
    });
  }

  test('a payload over max_payload_size is answered 4.13', async () => {
    const larger = join(folder, 'larger');
    await writeFile(larger, 'x'.repeat(1_100_000));
    assert.match(await client('-m', 'put', '-f', larger, `${uri}/big?c=dev1`), /c:4\.13/);
  });

  test('a topic without a retained message is not found', async () => {
    assert.match(await client('-m', 'get', `${uri}/nothing?c=dev1`), /c:4\.04/);
  });
});

suite('node-coap', () => {
  test('PUT of 100 kB is published as a whole', async () => {
    const output = await published('node', async () => {
      const put = request({ method: 'PUT', pathname: '/mqtt/node', query: 'c=node' });
      put.setOption('Block1', Buffer.of(6));
      assert.equal((await answerTo(put, BIG)).code, '2.04');
    });
    assert.ok(output.includes(`node ${BIG}\n`));
  });

  test('an observer fetches a notification of 100 kB', async () => {
    const agent = new coap.Agent({ type: 'udp4' });
    const observe = request({ pathname: '/mqtt/node/watched', query: 'c=watcher', observe: true, agent });
    const answered = once(observe, 'response', { signal: patience() });
    observe.end();
    const [stream] = (await answered) as [NodeJS.ReadableStream & { close(): void }];
    const seen: string[] = [];
    stream.on('data', (bytes) => seen.push(String(bytes)));
    await Command.run('mosquitto_pub', ...mqtt, '-q', '1', '-t', 'node/watched', '-f', file);
    await eventually('it arrives', () => seen.join('').length >= BIG.length);
    assert.equal(seen.join(''), BIG);
    stream.close();
  });

  test('GET of 100 kB', async () => {
    await Command.run('mosquitto_pub', ...mqtt, '-q', '1', '-r', '-t', 'node/get', '-f', file);
    const answer = await answerTo(request({ pathname: '/mqtt/node/get', query: 'c=node' }));
    assert.equal(answer.code, '2.05');
    assert.equal(answer.payload.toString(), BIG);
  });
});
