import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { type Device, rawOption } from '@portico/coap-endpoint/testing';
import { MessageType, Method } from '@portico/codec-coap';
import { createLogger, type LogLevel } from '@portico/core';
import { CoapTest } from './testing.js';

/** The fields of a line that are looked at. */
interface Line {
  readonly level: string;
  readonly msg: string;
  readonly peer?: string;
  readonly listener?: string;
  readonly method?: string;
  readonly path?: string;
  readonly code?: string;
  readonly reason?: string;
}

/** The lines of the gateway and the hub while a device does something. */
async function linesOf(level: LogLevel, act: (device: Device, coap: CoapTest) => void): Promise<Line[]> {
  const lines: Line[] = [];
  const output = { write: (text: string) => void lines.push(JSON.parse(text)), flush: async () => {} };
  const log = createLogger({ level, format: 'json', output });
  const coap = new CoapTest({ max_clients: 1, denied_publish: 'reject' }, { log });
  act(coap.device(), coap);
  await log.flush();
  return lines.filter(({ msg }) => msg !== 'client connected');
}

suite('a request that gets an error leaves one line on level debug', () => {
  for (const [what, act, method, path, code, reason] of [
    [
      'no client id',
      (device: Device) => device.put('mqtt/a/b?p=secret', 'x'),
      'PUT',
      '/mqtt/a/b',
      '4.00',
      'the query lacks c={client id}',
    ],
    [
      'an unknown path',
      (device: Device) => device.get('nowhere?c=dev1'),
      'GET',
      '/nowhere',
      '4.04',
      'no such resource',
    ],
    [
      'another method',
      (device: Device) => device.request(Method.DELETE, 'mqtt/a?c=dev1'),
      'DELETE',
      '/mqtt/a',
      '4.05',
      'no DELETE here',
    ],
    [
      'a bad option, also where it is answered with a Reset',
      (device: Device) =>
        device.put('mqtt/a?c=dev1', 'x', { type: MessageType.NON, options: [rawOption(65001, '')] }),
      'PUT',
      '/mqtt/a',
      '4.02',
      'option 65001 is not supported, or wrong',
    ],
    [
      'a response that is not wanted',
      (device: Device) => device.put('mqtt/a', 'x', { options: [rawOption(258, '08')] }),
      'PUT',
      '/mqtt/a',
      '4.00',
      'the query lacks c={client id}',
    ],
  ] as const) {
    test(what, async () => {
      const [line, ...more] = await linesOf('debug', act);
      assert.deepEqual(more, []);
      const { peer, listener, msg } = line ?? {};
      assert.deepEqual(
        [peer, listener, msg],
        ['192.0.2.7:50000', 'coap:udp:default', 'CoAP request refused'],
      );
      assert.deepEqual([line?.method, line?.path, line?.code, line?.reason], [method, path, code, reason]);
    });
  }

  test('one client too many', async () => {
    const lines = await linesOf('debug', (device) => {
      device.get('mqtt/a?c=dev1');
      device.get('mqtt/a?c=dev2');
    });
    assert.deepEqual(
      lines.map(({ code, reason }) => [code, reason]),
      [['5.03', 'server busy']],
    );
  });

  test('a long path is cut', async () => {
    const [line] = await linesOf('debug', (device) => device.get(`${'x'.repeat(255)}/${'y'.repeat(255)}`));
    assert.equal(line?.path?.length, 256);
  });

  test('a flood is a few lines, and a quiet level none', async () => {
    const flood = (device: Device) => {
      for (let i = 0; i < 1_000; i++) device.get('nowhere');
    };
    assert.equal((await linesOf('debug', flood)).length, 10);
    assert.deepEqual(await linesOf('info', flood), []);
  });
});

suite('what the hub tells already is not told again', () => {
  test('a refused login', async () => {
    const lines = await linesOf('debug', (device, coap) => {
      coap.authenticate(() => ({ answer: 'deny', refusal: 'bad_credentials' }));
      device.get('mqtt/a?c=dev1');
    });
    assert.deepEqual(
      lines.map(({ msg }) => msg),
      ['client refused'],
    );
  });

  test('a publication that access control denies', async () => {
    const lines = await linesOf('debug', (device, coap) => {
      coap.authorize('publish', 'deny');
      device.put('mqtt/a?c=dev1', 'x');
    });
    assert.equal(lines.length, 1);
    assert.notEqual(lines[0]?.msg, 'CoAP request refused');
  });

  test('a LwM2M device at the wrong port', async () => {
    const lines = await linesOf('debug', (device) =>
      device.request(Method.POST, 'rd?ep=x', { payload: '</1/0>' }),
    );
    assert.deepEqual(
      lines.map(({ level, msg }) => [level, msg]),
      [['warn', 'a LwM2M device has come to the CoAP gateway']],
    );
  });
});
