import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { Device } from '@portico/coap-endpoint/testing';
import {
  type CoapOption,
  ContentFormat,
  codeText,
  findOption,
  Method,
  OptionNumber,
  opaqueOption,
  uintOption,
} from '@portico/codec-coap';
import { epoch, locationOf, type Properties, PsTest, reply } from './testing.js';

/** The examples of draft-ietf-core-coap-pubsub-21, in the order in which they stand there, with its sections. */

const FORMAT = 'Content-Format:606';
const LINKS = 'Content-Format:40';
const SENML = { format: ContentFormat.SenmlJson, text: '{"u":"Cel","v":23.5}' };

/** The topic of the examples as §2.5.1 shows it. */
async function livingRoom(ps: PsTest, device: Device): Promise<string> {
  const id = await ps.create(device, 'living-room-sensor');
  const more: Properties = [
    [3, 112],
    [4, 'temperature'],
    [5, epoch(4_102_444_799)],
    [6, 100],
  ];
  await ps.configure(device, Method.iPATCH, `ps/${id}`, more);
  return id;
}

const REQUIRED: Properties = [
  [0, 'living-room-sensor'],
  [1, '/ps/data/ID'],
  [2, 'core.ps.data'],
];

suite('§2.3 Discovery', () => {
  const discovered = async (query: string) => {
    const ps = new PsTest();
    const answer = await ps.ask(ps.device(), Method.GET, `.well-known/core${query}`);
    return reply(answer).payload;
  };

  test('§2.3.1 a broker is found by rt=core.ps', async () => {
    assert.equal(await discovered('?rt=core.ps'), '</ps>;rt="core.ps core.ps.coll"');
  });

  test('§2.3.2 so is the collection by rt=core.ps.coll', async () => {
    assert.equal(await discovered('?rt=core.ps.coll'), '</ps>;rt="core.ps core.ps.coll"');
    assert.equal(await discovered('?rt=core.ps*'), '</ps>;rt="core.ps core.ps.coll"');
    assert.equal(await discovered('?href=/ps'), '</ps>;rt="core.ps core.ps.coll"');
  });

  test('§2.3.3 topics are not told where nobody can be asked who they are', async () => {
    assert.equal(await discovered('?rt=core.ps.conf'), '');
    assert.equal(await discovered('?rt=core.ps.data'), '');
    assert.equal(await discovered(''), '</mqtt>,</ps>');
  });

  test('§2.3.4 topic-data resources are found at the collection by rt=core.ps.data', async () => {
    const ps = new PsTest();
    const device = ps.device();
    const id = await ps.create(device, 'a');
    const answer = await ps.ask(device, Method.GET, 'ps?rt=core.ps.data');
    assert.deepEqual(reply(answer, id), { code: '2.05', options: LINKS, payload: '</ps/data/ID>' });
    assert.equal(reply(await ps.ask(device, Method.GET, 'ps?rt=core.ps.conf'), id).payload, '</ps/ID>');
    assert.equal(reply(await ps.ask(device, Method.GET, 'ps?rt=temperature')).payload, '');
  });
});

suite('§2.4 Topic Collection Interactions', () => {
  test('§2.4.1 GET lists all topics', async () => {
    const ps = new PsTest();
    const device = ps.device();
    const ids = [await ps.create(device, 'a'), await ps.create(device, 'b')];
    const answer = await ps.ask(device, Method.GET, 'ps');
    assert.deepEqual(reply(answer), {
      code: '2.05',
      options: LINKS,
      payload: `</ps/${ids[0]}>,</ps/${ids[1]}>`,
    });
  });

  test('§2.4.2 FETCH lists those that have all the properties asked for', async () => {
    const ps = new PsTest();
    const device = ps.device();
    await ps.create(device, 'humidity', [4, 'x']);
    const id = await ps.create(device, 'temperature', [4, 'x'], [3, 60], [8, Buffer.of(0x80)]);
    const search = async (...filter: Properties) =>
      reply(await ps.configure(device, Method.FETCH, 'ps', filter), id);
    const found = { code: '2.05', options: LINKS, payload: '</ps/ID>' };
    assert.deepEqual(await search([0, 'temperature'], [2, 'core.ps.data']), found);
    assert.deepEqual(await search([8, Buffer.of(0x80)]), found);
    assert.equal((await search([0, 'temperature'], [4, 'y'])).payload, '');
    assert.equal((await search([6, 5])).payload, '');
  });

  test('§2.4.3 POST creates a topic', async () => {
    const ps = new PsTest();
    const answer = await ps.configure(ps.device(), Method.POST, 'ps', [
      [0, 'living-room-sensor'],
      [2, 'core.ps.data'],
    ]);
    assert.deepEqual(reply(answer, locationOf(answer)), {
      code: '2.01',
      options: `Location-Path:ps, Location-Path:ID, ${FORMAT}`,
      payload: REQUIRED,
    });
  });

  test('§2.4.3 with "initialize" it can be read and subscribed to at once', async () => {
    const ps = new PsTest();
    const device = ps.device();
    const id = await ps.create(device, 'a', [3, 60], [8, Buffer.of(0x80)]);
    const answer = await ps.ask(device, Method.GET, `ps/data/${id}`);
    assert.deepEqual([codeText(answer.code), answer.payload], ['2.05', Buffer.of(0x80)]);
    assert.equal(await ps.code(device, Method.PUT, `ps/data/${id}`, { format: 60, payload: [1] }), '2.04');
  });

  const refused: Readonly<Record<string, Properties>> = {
    'no topic-name': [[2, 'core.ps.data']],
    'no resource-type': [[0, 'a']],
    'another resource-type': [
      [0, 'a'],
      [2, 'temperature'],
    ],
    'a topic-data of its own': [
      [0, 'a'],
      [1, '/ps/data/mine'],
      [2, 'core.ps.data'],
    ],
    'a wildcard for a topic-name': [
      [0, 'a/#'],
      [2, 'core.ps.data'],
    ],
    'an unknown property': [
      [0, 'a'],
      [2, 'core.ps.data'],
      [9, 1],
    ],
    'initialize without topic-content-format': [
      [0, 'a'],
      [2, 'core.ps.data'],
      [8, Buffer.of(1)],
    ],
    'an expiration-date in the past': [
      [0, 'a'],
      [2, 'core.ps.data'],
      [5, epoch(1)],
    ],
    'an expiration-date that is none': [
      [0, 'a'],
      [2, 'core.ps.data'],
      [5, 4_102_444_799],
    ],
    'an observer-check of 0': [
      [0, 'a'],
      [2, 'core.ps.data'],
      [7, 0],
    ],
    'max-subscribers below 0': [
      [0, 'a'],
      [2, 'core.ps.data'],
      [6, -1],
    ],
    'a topic-content-format beyond 16 bits': [
      [0, 'a'],
      [2, 'core.ps.data'],
      [3, 65_536],
    ],
    'a topic-type that is no text': [
      [0, 'a'],
      [2, 'core.ps.data'],
      [4, 5],
    ],
  };
  for (const [what, properties] of Object.entries(refused)) {
    test(`§2.4.3 ${what} is answered 4.00`, async () => {
      const ps = new PsTest();
      const answer = await ps.configure(ps.device(), Method.POST, 'ps', properties);
      assert.equal(codeText(answer.code), '4.00');
      assert.ok(answer.payload.length > 0);
      assert.equal(reply(await ps.ask(ps.device(), Method.GET, 'ps')).payload, '');
    });
  }

  test('§2.4.3 a topic-name that is in use is answered 4.00', async () => {
    const ps = new PsTest();
    const device = ps.device();
    await ps.create(device, 'a');
    const again: Properties = [
      [0, 'a'],
      [2, 'core.ps.data'],
    ];
    assert.equal(codeText((await ps.configure(device, Method.POST, 'ps', again)).code), '4.00');
  });

  test('§2.4.3 a payload in another format is answered 4.15, one that is no map 4.00', async () => {
    const ps = new PsTest();
    const device = ps.device();
    assert.equal(await ps.code(device, Method.POST, 'ps', { format: 40, text: '<topicA>;ct=42' }), '4.15');
    for (const text of ['', '\x01', '\xff', '\xa1\x00']) {
      assert.equal(await ps.code(device, Method.POST, 'ps', { format: 606, text }), '4.00');
    }
  });
});

suite('§2.5 Topic Interactions', () => {
  test('§2.5.1 GET reads a topic', async () => {
    const ps = new PsTest();
    const device = ps.device();
    const id = await livingRoom(ps, device);
    assert.deepEqual(reply(await ps.ask(device, Method.GET, `ps/${id}`), id), {
      code: '2.05',
      options: FORMAT,
      payload: [...REQUIRED, [3, 112], [4, 'temperature'], [5, epoch(4_102_444_799)], [6, 100]],
    });
  });

  test('§2.5.2 FETCH reads the properties whose keys it names', async () => {
    const ps = new PsTest();
    const device = ps.device();
    const id = await livingRoom(ps, device);
    const part = await ps.ask(device, Method.FETCH, `ps/${id}`, { format: 60, payload: [1, 3] });
    assert.deepEqual(reply(part, id), {
      code: '2.05',
      options: FORMAT,
      payload: [
        [1, '/ps/data/ID'],
        [3, 112],
      ],
    });
    assert.equal(await ps.code(device, Method.FETCH, `ps/${id}`, { format: 606, payload: [1] }), '4.15');
    assert.equal(await ps.code(device, Method.FETCH, `ps/${id}`, { format: 60, payload: 1 }), '4.00');
  });

  test('§2.5.3 POST replaces the properties: what it does not name goes back to its default', async () => {
    const ps = new PsTest();
    const device = ps.device();
    const id = await livingRoom(ps, device);
    const changed = await ps.configure(device, Method.POST, `ps/${id}`, [
      [0, 'living-room-sensor'],
      [1, `/ps/data/${id}`],
      [2, 'core.ps.data'],
      [3, 112],
      [4, 'temperature'],
      [5, epoch(4_102_440_000)],
    ]);
    assert.deepEqual(reply(changed, id), {
      code: '2.04',
      options: FORMAT,
      payload: [...REQUIRED, [3, 112], [4, 'temperature'], [5, epoch(4_102_440_000)], [7, 86_400]],
    });
  });

  test('§2.5.3 topic-name, topic-data and resource-type cannot be changed', async () => {
    const ps = new PsTest();
    const device = ps.device();
    const id = await ps.create(device, 'a');
    for (const key of [0, 1, 2]) {
      for (const method of [Method.POST, Method.iPATCH]) {
        const answer = await ps.configure(device, method, `ps/${id}`, [[key, 'other']]);
        assert.equal(codeText(answer.code), '4.00');
      }
    }
  });

  test('§2.5.4 iPATCH changes the properties that it names, and no others', async () => {
    const ps = new PsTest();
    const device = ps.device();
    const id = await livingRoom(ps, device);
    await ps.configure(device, Method.iPATCH, `ps/${id}`, [[7, 86_400]]);
    const changed = await ps.configure(device, Method.iPATCH, `ps/${id}`, [
      [5, epoch(4_102_440_000)],
      [6, 5],
    ]);
    assert.deepEqual(reply(changed, id), {
      code: '2.04',
      options: FORMAT,
      payload: [...REQUIRED, [3, 112], [4, 'temperature'], [5, epoch(4_102_440_000)], [6, 5], [7, 86_400]],
    });
  });

  test('§2.5.5 DELETE deletes a topic and its data; deleting it again is answered 4.04', async () => {
    const ps = new PsTest();
    const device = ps.device();
    const id = await ps.create(device, 'a');
    await ps.ask(device, Method.PUT, `ps/data/${id}`, SENML);
    assert.equal(await ps.code(device, Method.DELETE, `ps/${id}`), '2.02');
    for (const uri of [`ps/${id}`, `ps/data/${id}`]) {
      assert.equal(await ps.code(device, Method.GET, uri), '4.04');
      assert.equal(await ps.code(device, Method.DELETE, uri), '4.04');
    }
    assert.equal(ps.hub.engine.retained.size, 0);
  });
});

suite('§3 Publish and Subscribe', () => {
  test('§3.1 a topic that nobody has published to can be published to, but not be read or subscribed to', async () => {
    const ps = new PsTest();
    const device = ps.device();
    const id = await ps.create(device, 'a');
    assert.equal(await ps.code(device, Method.GET, `ps/data/${id}`), '4.04');
    const observe = { options: [uintOption(OptionNumber.Observe, 0)] };
    assert.equal(await ps.code(device, Method.GET, `ps/data/${id}`, observe), '4.04');
    assert.equal(await ps.code(device, Method.DELETE, `ps/data/${id}`), '4.04');
    assert.equal(await ps.code(device, Method.GET, `ps/${id}`), '2.05');
  });

  test('§3.2.1 the first publication is answered 2.01, those after it 2.04', async () => {
    const ps = new PsTest();
    const listener = ps.listener('living-room');
    const device = ps.device();
    const id = await ps.create(device, 'living-room', [3, 110]);
    assert.equal(await ps.code(device, Method.PUT, `ps/data/${id}`, SENML), '2.01');
    assert.equal(await ps.code(device, Method.PUT, `ps/data/${id}`, SENML), '2.04');
    assert.deepEqual(listener.take(), [`living-room=${SENML.text}`, `living-room=${SENML.text}`]);
    assert.equal(await ps.code(device, Method.PUT, `ps/data/${id}`, { format: 60, payload: 1 }), '4.15');
    assert.equal(await ps.code(device, Method.PUT, `ps/data/${id}`, { text: 'x' }), '4.15');
    assert.equal(await ps.code(device, Method.PUT, 'ps/data/nosuch', SENML), '4.04');
  });

  test('§3.2.1 a PUT may be conditional (RFC 7252 §5.10.8), other requests not', async () => {
    const ps = new PsTest();
    const listener = ps.listener('a');
    const device = ps.device();
    const id = await ps.create(device, 'a');
    const code = (method: number, text: string, ...options: CoapOption[]) =>
      ps.code(device, method, `ps/data/${id}`, { text, options });
    const put = (text: string, ...options: CoapOption[]) => code(Method.PUT, text, ...options);
    const none = uintOption(OptionNumber.IfNoneMatch, 0);
    const any = opaqueOption(OptionNumber.IfMatch, Buffer.alloc(0));
    assert.equal(await put('0', any), '4.12');
    assert.equal(await put('1', none), '2.01');
    assert.equal(await put('2', none), '4.12');
    const { value } =
      findOption(await ps.ask(device, Method.GET, `ps/data/${id}`), OptionNumber.ETag) ?? assert.fail();
    const match = opaqueOption(OptionNumber.IfMatch, Buffer.from(value));
    assert.equal(await put('3', match), '2.04');
    assert.equal(await put('4', match), '4.12', 'it is another one by now');
    assert.equal(await put('5', any), '2.04');
    assert.deepEqual(listener.take(), ['a=1', 'a=3', 'a=5']);
    assert.equal(await code(Method.DELETE, '', any), '4.02');
  });

  test('§3.2.1 of many that publish only if nobody has, one does', async () => {
    const ps = new PsTest();
    const id = await ps.create(ps.device(), 'a');
    const none = uintOption(OptionNumber.IfNoneMatch, 0);
    const devices = [1, 2, 3].map(() => ps.device());
    await Promise.all(devices.map((device) => device.put(`ps/data/${id}`, 'x', { options: [none] })));
    const codes = devices.flatMap((device) => device.take().map(({ code }) => codeText(code)));
    assert.deepEqual(codes.sort(), ['2.01', '4.12', '4.12']);
  });

  test('§3.2.2 a subscriber gets what there is, then each publication', async () => {
    const ps = new PsTest();
    const [publisher, subscriber] = [ps.device(), ps.device()];
    const id = await ps.create(publisher, 'a', [3, 110]);
    await ps.ask(publisher, Method.PUT, `ps/data/${id}`, { format: 110, text: '1' });
    await subscriber.observe(`ps/data/${id}`);
    const etag = /ETag=0x\w{16} /;
    assert.deepEqual(
      subscriber.look().map((line) => line.replace(etag, '')),
      ['ACK 2.05 Content mid=0x0001 token=01 Observe=0 Content-Format=application/senml+json "1"'],
    );
    await ps.ask(publisher, Method.PUT, `ps/data/${id}`, { format: 110, text: '2' });
    assert.deepEqual(subscriber.look(), [
      'CON 2.05 Content token=01 Observe=1 Content-Format=application/senml+json "2"',
    ]);
  });

  test('§3.2.2 beyond max-subscribers there is no Observe option in the response', async () => {
    const ps = new PsTest();
    const devices = [ps.device(), ps.device()] as const;
    const id = await ps.create(devices[0], 'a', [6, 1]);
    await ps.ask(devices[0], Method.PUT, `ps/data/${id}`, { text: '1' });
    for (const device of devices) await device.observe(`ps/data/${id}`);
    assert.match(devices[0].look().join(), / Observe=0 .*"1"/);
    assert.match(devices[1].look().join(), /^ACK 2\.05 (?!.*Observe).*"1"$/);
    await devices[0].observe(`ps/data/${id}`);
    assert.match(devices[0].look().join(), / Observe=1 /, 'who is subscribed may say so again');
  });

  test('§2.5.3 a lower max-subscribers ends the newest subscriptions with 4.04', async () => {
    const ps = new PsTest();
    const devices = [ps.device(), ps.device()] as const;
    const id = await ps.create(devices[0], 'a');
    await ps.ask(devices[0], Method.PUT, `ps/data/${id}`, { text: '1' });
    for (const device of devices) {
      await device.observe(`ps/data/${id}`);
      device.take();
    }
    await ps.configure(ps.device(), Method.iPATCH, `ps/${id}`, [[6, 1]]);
    assert.deepEqual(devices[0].look(), []);
    assert.match(devices[1].look().join(), /^NON 4\.04 Not Found token=01 /);
  });

  test('§3.2.3 Observe 1 unsubscribes', async () => {
    const ps = new PsTest();
    const device = ps.device();
    const id = await ps.create(device, 'a');
    await ps.ask(device, Method.PUT, `ps/data/${id}`, { text: '1' });
    await device.observe(`ps/data/${id}`);
    await device.unobserve(`ps/data/${id}`);
    assert.match(device.look().at(-1) ?? '', /^ACK 2\.05 (?!.*Observe).*"1"$/);
    ps.publish('a', '2');
    assert.deepEqual(device.look(), []);
  });

  test('§3.2.3 observer-check is how often at least a notification is confirmable', async () => {
    const ps = new PsTest({ notify_type: 'non', keepalive: 0 });
    const device = ps.device();
    const id = await ps.create(device, 'a', [7, 60]);
    await ps.ask(device, Method.PUT, `ps/data/${id}`, { text: '1' });
    await device.observe(`ps/data/${id}`);
    device.take();
    const types: string[] = [];
    for (let i = 0; i < 4; i++) {
      ps.wait(30_000);
      ps.publish('a', 'x');
      types.push(...device.look().map((line) => line.slice(0, 3)));
      if (types.at(-1) === 'CON') device.acknowledges();
    }
    assert.deepEqual(types, ['NON', 'CON', 'NON', 'CON']);
  });

  test('§3.2.4 DELETE of the data ends all subscriptions with 4.04 and leaves the topic half created', async () => {
    const ps = new PsTest();
    const [publisher, subscriber] = [ps.device(), ps.device()];
    const id = await ps.create(publisher, 'a');
    await ps.ask(publisher, Method.PUT, `ps/data/${id}`, { text: '1' });
    await subscriber.observe(`ps/data/${id}`);
    subscriber.take();
    assert.equal(await ps.code(publisher, Method.DELETE, `ps/data/${id}`), '2.02');
    assert.deepEqual(subscriber.look(), ['NON 4.04 Not Found token=01 "the data has been deleted"']);
    assert.equal(await ps.code(subscriber, Method.GET, `ps/data/${id}`), '4.04');
    assert.equal(await ps.code(publisher, Method.GET, `ps/${id}`), '2.05');
    assert.equal(await ps.code(publisher, Method.PUT, `ps/data/${id}`, { text: '2' }), '2.01');
  });

  test('§3.3 GET reads the latest data', async () => {
    const ps = new PsTest();
    const device = ps.device();
    const id = await ps.create(device, 'a', [3, 110]);
    await ps.ask(device, Method.PUT, `ps/data/${id}`, SENML);
    assert.deepEqual(reply(await ps.ask(device, Method.GET, `ps/data/${id}`)), {
      code: '2.05',
      options: 'Content-Format:110',
      payload: SENML.text,
    });
    const accept = (format: number) => ({ options: [uintOption(OptionNumber.Accept, format)] });
    assert.equal(await ps.code(device, Method.GET, `ps/data/${id}`, accept(110)), '2.05');
    assert.equal(await ps.code(device, Method.GET, `ps/data/${id}`, accept(60)), '4.06');
  });
});
