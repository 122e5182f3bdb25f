import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Command } from '../support/command.js';
import { FREE_PORTS } from '../support/configuration.js';
import { Portico } from '../support/portico.js';

/** libcoap's client, with the URIs of the manual. */

let portico: Portico;
let coap: string;
let mqtt: string[];

before(async () => {
  portico = await Portico.start({
    config: `
access:
  users:
    - { username: tom, password: secret }
${FREE_PORTS}`,
  });
  coap = `coap://127.0.0.1:${portico.port('coap:udp:default')}`;
  mqtt = ['-h', '127.0.0.1', '-p', String(portico.port('mqtt:tcp:default'))];
});

after(() => portico.stop());

const client = (...args: string[]) => Command.run('coap-client-notls', '-v', '7', ...args);

test('PUT with client id, user and password publishes', async () => {
  assert.match(
    await client('-m', 'put', '-e', '1234', `${coap}/mqtt/topic1?c=client1&u=tom&p=secret`),
    /c:2\.04/,
  );
});

test('a PUT without client id is a bad request, one with a wrong password unauthorized', async () => {
  assert.match(await client('-m', 'put', '-e', '1', `${coap}/mqtt/topic1`), /c:4\.00/);
  assert.match(await client('-m', 'put', '-e', '1', `${coap}/mqtt/topic1?c=c1&u=tom&p=wrong`), /c:4\.01/);
});

test('path segments and one percent-encoded segment name the same topic', async () => {
  const sub = await Command.subscriber(portico.port('mqtt:tcp:default'), '-t', 'a/#');
  await client('-m', 'put', '-e', 'one', `${coap}/mqtt/a/b/c?c=client1`);
  await client('-m', 'put', '-e', 'two', `${coap}/mqtt/a%2Fb%2Fc?c=client1`);
  await sub.expect(/^a\/b\/c one$/m);
  await sub.expect(/^a\/b\/c two$/m);
  await sub.stop();
});

test('a plain GET keeps the session alive and is empty', async () => {
  assert.match(await client('-m', 'get', `${coap}/mqtt/topic1?c=client2`), /c:2\.05/);
});

test('POST and DELETE are not allowed, other paths not found', async () => {
  assert.match(await client('-m', 'post', '-e', 'x', `${coap}/mqtt/topic1?c=client2`), /c:4\.05/);
  assert.match(await client('-m', 'delete', `${coap}/mqtt/topic1?c=client2`), /c:4\.05/);
  assert.match(await client('-m', 'put', '-e', 'x', `${coap}/nosuch?c=client2`), /c:4\.04/);
});

test('.well-known/core lists the resources', async () => {
  const answer = await client('-m', 'get', `${coap}/.well-known/core`);
  assert.match(answer, /c:2\.05/);
  assert.match(answer, /link-format/);
  assert.match(answer, /<\/mqtt>,<\/ps>/);
});

test('an observer with a wildcard gets each message in order, until it stops', async () => {
  const observer = new Command(
    'coap-client-notls',
    '-v',
    '7',
    '-s',
    '20',
    '-m',
    'get',
    `${coap}/mqtt/w%2F%23?c=client5`,
  );
  await observer.expect(/t:ACK c:2\.05/);
  for (const payload of ['first', 'second', 'third']) {
    await Command.run('mosquitto_pub', ...mqtt, '-q', '1', '-t', `w/${payload}`, '-m', payload);
  }
  await observer.expect(/first[\s\S]*second[\s\S]*third/);
  await observer.stop();
});
