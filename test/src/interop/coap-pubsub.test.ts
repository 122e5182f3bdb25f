import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { encode } from '@portico/codec-cbor';
import { Command } from '../support/command.js';
import { FREE_PORTS } from '../support/configuration.js';
import { Portico } from '../support/portico.js';

/** libcoap's client with `/ps` and with connections. */

let folder: string;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'coap-pubsub-'));
});

after(() => rm(folder, { recursive: true }));

const client = (...args: string[]) => Command.run('coap-client-notls', '-v', '7', ...args);

/** Observes until it is stopped, or for 20 s. */
const observe = (uri: string) => new Command('coap-client-notls', '-v', '7', '-s', '20', '-m', 'get', uri);

/** Address of the hub's CoAP listener. */
function uriOf(portico: Portico): string {
  return `coap://127.0.0.1:${portico.port('coap:udp:default')}`;
}

/** A file with topic properties. */
function properties(pairs: readonly (readonly [number, number | string])[]): string {
  const file = join(folder, 'topic.cbor');
  writeFileSync(file, encode(new Map(pairs)));
  return file;
}

suite('draft-ietf-core-coap-pubsub', () => {
  let portico: Portico;
  let coap: string;

  before(async () => {
    portico = await Portico.start({ config: `access: { allow_anonymous: true }\n${FREE_PORTS}` });
    coap = uriOf(portico);
  });

  after(() => portico.stop());

  test('a topic is found, created, published to, read, observed and deleted', async () => {
    assert.match(await client('-m', 'get', `${coap}/.well-known/core?rt=core.ps`), /<\/ps>;rt="core\.ps /);
    const file = properties([
      [0, 'living-room-sensor'],
      [2, 'core.ps.data'],
    ]);
    const created = await client('-m', 'post', '-t', '606', '-f', file, `${coap}/ps`);
    const [, id] = /c:2\.01 .*Location-Path:ps, Location-Path:([\w-]{8})/.exec(created) ?? [];
    assert.ok(id !== undefined, created);
    const data = `${coap}/ps/data/${id}`;
    assert.match(await client('-m', 'get', data), /c:4\.04/);
    assert.match(await client('-m', 'put', '-t', '0', '-e', '21.5', data), /c:2\.01/);
    assert.match(await client('-m', 'get', data), /c:2\.05[\s\S]*21\.5/);
    assert.match(await client('-m', 'get', `${coap}/ps`), new RegExp(`</ps/${id}>`));

    const observer = observe(data);
    await observer.expect(/t:ACK c:2\.05 .*Observe:[\s\S]*21\.5/);
    const mqtt = ['-h', '127.0.0.1', '-p', String(portico.port('mqtt:tcp:default'))];
    await Command.run('mosquitto_pub', ...mqtt, '-q', '1', '-t', 'living-room-sensor', '-m', '22.5');
    await observer.expect(/22\.5/);
    assert.match(await client('-m', 'delete', `${coap}/ps/${id}`), /c:2\.02/);
    await observer.expect(/c:4\.04/);
    await observer.stop();
  });

  test('a device made for EMQX 5 publishes and subscribes', async () => {
    const observer = observe(`${coap}/ps/coap/test?clientid=dev1`);
    await observer.expect(/t:ACK c:2\.05 .*Observe:/);
    assert.match(
      await client('-m', 'post', '-e', 'hello', `${coap}/ps/coap/test?clientid=dev2&qos=1`),
      /c:2\.04/,
    );
    await observer.expect(/hello/);
    await observer.stop();
  });
});

suite('connections', () => {
  test('a connection is opened, used, kept alive and closed', async () => {
    const config = `
access:
  users:
    - { username: tom, password: secret }
${FREE_PORTS}`;
    const env = { PORTICO_GATEWAYS__COAP__CONNECTION_REQUIRED: 'true', PORTICO_GATEWAYS__COAP__ECHO: 'true' };
    const portico = await Portico.start({ config, env });
    const coap = uriOf(portico);
    try {
      const credentials = 'clientid=dev1&username=tom&password=secret';
      assert.match(await client('-m', 'put', '-e', 'x', `${coap}/mqtt/a?${credentials}`), /c:4\.01/);
      const opened = await client('-m', 'post', '-e', '', `${coap}/mqtt/connection?${credentials}`);
      const [, token] = /c:2\.01[\s\S]*?:: '([\w-]{11})'/.exec(opened) ?? [];
      assert.ok(token !== undefined, opened);
      const query = `clientid=dev1&token=${token}`;
      assert.match(await client('-m', 'put', '-e', 'x', `${coap}/mqtt/a?${query}`), /c:2\.04/);
      assert.match(await client('-m', 'put', '-e', '', `${coap}/mqtt/connection?${query}`), /c:2\.04/);
      const observed = await client('-m', 'get', '-s', '1', `${coap}/mqtt/a?${query}`);
      assert.match(
        observed,
        /c:4\.01 .*Echo[\s\S]*Echo[\s\S]*c:2\.05 .*Observe:/,
        'libcoap echoes by itself',
      );
      assert.match(await client('-m', 'delete', `${coap}/mqtt/connection?${query}`), /c:2\.02/);
      assert.match(await client('-m', 'put', '-e', 'x', `${coap}/mqtt/a?${query}`), /c:4\.01/);
    } finally {
      await portico.stop();
    }
  });
});
