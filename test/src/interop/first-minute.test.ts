import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { Command } from '../support/command.js';
import { Portico } from '../support/portico.js';
import { RawClient } from '../support/raw-client.js';

/** What the README promises a newcomer, with the clients that it names. */

let portico: Portico;
let mqttPort: number;
let mqtt: string[];
let coap: string;

before(async () => {
  portico = await Portico.start();
  mqttPort = portico.port('mqtt:tcp:default');
  mqtt = ['-h', '127.0.0.1', '-p', String(mqttPort)];
  coap = `coap://127.0.0.1:${portico.port('coap:udp:default')}`;
});

after(() => portico.stop());

test('a CoAP PUT arrives at mosquitto_sub', async () => {
  const sub = await Command.subscriber(mqttPort, '-t', 'room/#');
  const answer = await Command.run(
    'coap-client-notls',
    '-m',
    'put',
    '-e',
    '21.5',
    `${coap}/mqtt/room/temp?c=dev1`,
  );
  assert.equal(answer.trim(), '', 'success prints nothing');
  await sub.expect(/^room\/temp 21\.5$/m);
  await sub.stop();
});

test('a mosquitto_pub arrives at an observing CoAP client', async () => {
  const observer = new Command(
    'coap-client-notls',
    '-v',
    '7',
    '-s',
    '20',
    '-m',
    'get',
    `${coap}/mqtt/room/light?c=dev2`,
  );
  await observer.expect(/t:ACK c:2\.05/);
  await Command.run('mosquitto_pub', ...mqtt, '-t', 'room/light', '-m', 'on');
  await observer.expect(/c:2\.05.*Observe.*/);
  await observer.expect(/on/);
  await observer.stop();
});

test('a mosquitto_pub arrives at a TCP terminal, and its answer at mosquitto_sub', async () => {
  const sub = await Command.subscriber(mqttPort, '-t', 'tcp/+/up');
  const terminal = await RawClient.connect(portico.port('tcp:tcp:default'));
  terminal.send('11 0007 3c 0004 61626364');
  assert.equal((await terminal.readBytes(23)).toString('latin1').slice(3), 'Connect Successfully');
  await Command.run('mosquitto_pub', ...mqtt, '-q', '1', '-t', 'tcp/abcd/dn', '-m', 'hello');
  assert.equal((await terminal.readBytes(8)).toString('hex'), '30000568656c6c6f');
  terminal.send('30 0004 61626364');
  await sub.expect(/^tcp\/abcd\/up abcd$/m);
  terminal.end();
  await sub.stop();
});

test("the README's terminal of bash shows what a mosquitto_pub sends it", async () => {
  const readme = await readFile(new URL('../../../README.md', import.meta.url), 'utf8');
  const [, block] = /```bash\n(exec 3<>[^`]*)```/.exec(readme) ?? [];
  assert.ok(block !== undefined, 'the README has a TCP terminal');
  const script = block
    .replace('8090', String(portico.port('tcp:tcp:default')))
    .replace('mosquitto_pub', `mosquitto_pub -p ${mqttPort} -q 1`);
  const terminal = new Command('bash', '-c', `${script}\nexec 3>&-; wait`);
  await terminal.expect(/Connect Successfully.*hello/);
  const successor = await RawClient.connect(portico.port('tcp:tcp:default'));
  successor.send('11 0007 3c 0004 61626364');
  await terminal.ended();
  successor.end();
});
