import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { block2, bytes, type Device, rawOption, seen } from '@portico/coap-endpoint/testing';
import {
  type CoapMessage,
  type CoapOption,
  ContentFormat,
  codeText,
  findOption,
  MAX_BLOCK_NUMBER,
  OptionNumber,
  uintOption,
} from '@portico/codec-coap';
import fc from 'fast-check';
import { CoapTest } from './testing.js';

const URI = 'mqtt/a?c=dev1';

interface Publishing {
  readonly contentType?: string;
  readonly config?: Record<string, unknown>;
}

/** A hub whose GET reads, with a retained message, and a device. */
function retaining(payload: Buffer | string, { contentType, config }: Publishing = {}) {
  const coap = new CoapTest({ plain_get: 'retained', ...config });
  const publisher = coap.hub.client('publisher');
  const publish = (next: Buffer | string, type = contentType) => {
    const properties = type === undefined ? undefined : { contentType: type };
    publisher.session.publish({ topic: 'a', payload: Buffer.from(next), qos: 0, retain: true, properties });
  };
  publish(payload);
  return { coap, publish, device: coap.device() };
}

const option = (number: number, value: number) => uintOption(number, value);

function get(device: Device, ...options: CoapOption[]): CoapMessage {
  device.get(URI, { options });
  const [answer] = device.take();
  assert.ok(answer !== undefined);
  return answer;
}

/** A payload put together from blocks of so many bytes, asked for one after the other. */
function fetch(device: Device, size: number): Buffer {
  const parts: Buffer[] = [];
  for (let more = true; more; ) {
    const answer = get(device, block2(parts.length, size));
    assert.equal(codeText(answer.code), '2.05');
    parts.push(answer.payload);
    more = ((findOption(answer, OptionNumber.Block2)?.uint ?? 0) & 8) !== 0;
  }
  return Buffer.concat(parts);
}

suite('plain_get: retained', () => {
  test('GET of a topic is its retained message, with entity-tag and format', () => {
    const { device } = retaining('21.5');
    const answer = get(device);
    assert.equal(answer.payload.toString(), '21.5');
    assert.deepEqual(
      answer.options.map(({ number }) => number),
      [OptionNumber.ETag, OptionNumber.ContentFormat],
    );
    assert.equal(findOption(answer, OptionNumber.ContentFormat)?.uint, ContentFormat.OctetStream);
  });

  test('nothing retained: 4.04; no topic name: 4.00; not allowed: 4.03', () => {
    const { coap, device } = retaining('x');
    device.get('mqtt/b?c=dev1');
    device.get('mqtt/%23?c=dev1');
    coap.authorize('subscribe', 'deny');
    device.get(URI);
    assert.deepEqual(
      device.take().map(({ code }) => codeText(code)),
      ['4.04', '4.00', '4.03'],
    );
  });

  test('an access source that takes its time is waited for', async () => {
    const { coap, device } = retaining('x');
    coap.authorize('subscribe', Promise.resolve('allow'));
    await device.get(URI);
    assert.equal(device.take()[0]?.payload.toString(), 'x');
  });

  test('as shipped, a plain GET is a heartbeat', () => {
    const { device } = retaining('x', { config: { plain_get: 'heartbeat' } });
    assert.equal(get(device).payload.length, 0);
  });
});

suite('RFC 7252 §5.10.6 ETag', () => {
  test('2.03 for whoever has the representation, 2.05 when it has changed', () => {
    const { device, publish } = retaining('one');
    const etag = findOption(get(device), OptionNumber.ETag);
    assert.ok(etag !== undefined && etag.length === 8);
    const valid = get(device, rawOption(OptionNumber.ETag, 'ff'), etag);
    assert.equal(codeText(valid.code), '2.03');
    assert.equal(valid.payload.length, 0);
    assert.deepEqual(findOption(valid, OptionNumber.ETag)?.value, etag.value);
    publish('two');
    assert.equal(get(device, etag).payload.toString(), 'two');
    publish('one', 'text/plain');
    assert.equal(codeText(get(device, etag).code), '2.05', 'the same bytes of another type');
  });
});

suite('RFC 7252 §5.10.3, §5.10.4 Content-Format and Accept', () => {
  for (const [contentType, format] of [
    ['application/json', 50],
    ['text/plain; charset=utf-8', 0],
    ['application/x-unheard-of', 42],
    [undefined, 42],
  ] as const) {
    test(`what was published as ${contentType} is labelled ${format}`, () => {
      const { device } = retaining('x', contentType === undefined ? {} : { contentType });
      assert.equal(findOption(get(device), OptionNumber.ContentFormat)?.uint, format);
    });
  }

  test('the format that there is, octets and text can be had, others are 4.06', () => {
    const { device } = retaining('{}', { contentType: 'application/json' });
    for (const format of [ContentFormat.Json, ContentFormat.OctetStream, ContentFormat.TextPlain]) {
      const answer = get(device, option(OptionNumber.Accept, format));
      assert.equal(findOption(answer, OptionNumber.ContentFormat)?.uint, format);
    }
    assert.equal(codeText(get(device, option(OptionNumber.Accept, ContentFormat.Cbor)).code), '4.06');
  });

  for (const [format, contentType] of [
    [ContentFormat.Json, 'application/json'],
    [ContentFormat.TextPlain, 'text/plain;charset=utf-8'],
    [ContentFormat.OctetStream, undefined],
    [65_000, undefined],
  ] as const) {
    test(`the Content-Format ${format} of a PUT is the MQTT 5 Content Type ${contentType}`, () => {
      const coap = new CoapTest();
      const client = coap.hub.client('listener');
      client.subscribe('#');
      coap.device().put(URI, '{}', { options: [option(OptionNumber.ContentFormat, format)] });
      assert.equal(client.received[0]?.message.properties?.contentType, contentType);
    });
  }
});

suite('RFC 7252 §5.10.8 conditional PUT', () => {
  const none = rawOption(OptionNumber.IfNoneMatch, '');
  const anything = rawOption(OptionNumber.IfMatch, '');

  function codeOfPut(device: Device, uri: string, ...options: CoapOption[]): string {
    device.put(uri, 'new', { options });
    return device
      .take()
      .map(({ code }) => codeText(code))
      .join();
  }

  test('If-None-Match: only where nothing is retained', () => {
    const { coap, device } = retaining('x');
    const heard = coap.listener('#');
    assert.equal(codeOfPut(device, URI, none), '4.12');
    assert.equal(codeOfPut(device, 'mqtt/b?c=dev1', none), '2.04');
    assert.deepEqual(heard.take(), ['b=new']);
  });

  test('If-Match: only where that is retained, an empty one for anything', () => {
    const { device } = retaining('x');
    const { value } = findOption(get(device), OptionNumber.ETag) ?? assert.fail();
    const tag = (bytes: Buffer) => rawOption(OptionNumber.IfMatch, bytes.toString('hex'));
    assert.equal(codeOfPut(device, URI, tag(Buffer.of(1)), tag(value)), '2.04');
    assert.equal(codeOfPut(device, URI, tag(Buffer.of(1))), '4.12');
    assert.equal(codeOfPut(device, URI, anything), '2.04');
    assert.equal(codeOfPut(device, 'mqtt/b?c=dev1', anything), '4.12');
  });

  test('who may not read the topic is not told', () => {
    const { coap, device } = retaining('x');
    coap.authorize('subscribe', 'deny');
    assert.equal(codeOfPut(device, URI, none), '4.03');
  });

  test('an answer that has to wait is right although the datagram is long gone', async () => {
    const { coap, device } = retaining('x');
    const heard = coap.listener('#');
    coap.authorize('subscribe', Promise.resolve('allow'));
    await device.put(URI, 'new', { options: [anything] });
    assert.deepEqual(heard.take(), ['a=new']);
  });

  test('of a payload in blocks', () => {
    const { device } = retaining('x');
    device.putInBlocks(URI, bytes(40), 32, { options: [none] });
    assert.deepEqual(
      device.take().map(({ code }) => codeText(code)),
      ['2.31', '4.12'],
    );
  });
});

suite('RFC 7959 §3.1 message flows of Block2', () => {
  const payload = bytes(2 * 128 + 100);

  test('figure 2: simple block-wise GET', () => {
    const { device } = retaining(payload, { config: { max_block_size: 128 } });
    const answers = [get(device), get(device, block2(1, 128)), get(device, block2(2, 128))];
    assert.deepEqual(answers.map(seen), ['2.05 2:0/1/128', '2.05 2:1/1/128', '2.05 2:2/0/128']);
    assert.deepEqual(Buffer.concat(answers.map((answer) => answer.payload)), payload);
    const [first, second] = answers.map((answer) => findOption(answer, OptionNumber.ETag)?.value);
    assert.deepEqual(first, second);
  });

  test('figure 3: block-wise GET with early negotiation', () => {
    const { device } = retaining(payload);
    assert.deepEqual(
      [0, 1, 5].map((num) => seen(get(device, block2(num, 64)))),
      ['2.05 2:0/1/64', '2.05 2:1/1/64', '2.05 2:5/0/64'],
    );
    assert.deepEqual(fetch(device, 64), payload);
  });

  test('figure 4: block-wise GET with late negotiation', () => {
    const { device } = retaining(payload, { config: { max_block_size: 128 } });
    const answers = [get(device), ...[2, 3, 4, 5].map((num) => get(device, block2(num, 64)))];
    assert.deepEqual(answers.map(seen), [
      '2.05 2:0/1/128',
      '2.05 2:2/1/64',
      '2.05 2:3/1/64',
      '2.05 2:4/1/64',
      '2.05 2:5/0/64',
    ]);
    assert.deepEqual(Buffer.concat(answers.map((answer) => answer.payload)), payload);
  });

  test('§2.4 a block larger than there is comes in a smaller one at the same place', () => {
    const { device } = retaining(payload, { config: { max_block_size: 32 } });
    assert.equal(seen(get(device, block2(0, 1024))), '2.05 2:0/1/32');
    assert.equal(seen(get(device, block2(2, 128))), '2.05 2:8/1/32');
  });

  test('§2.4 blocks are of the representation that was begun, though the topic changes on the way', () => {
    const { coap, device, publish } = retaining(payload);
    const etag = (answer: CoapMessage) => findOption(answer, OptionNumber.ETag)?.value;
    const first = get(device, block2(0, 128));
    publish(bytes(500, 1));
    const rest = [get(device, block2(1, 128)), get(device, block2(2, 128))];
    assert.deepEqual(Buffer.concat([first, ...rest].map((answer) => answer.payload)), payload);
    assert.deepEqual(etag(rest[1] ?? first), etag(first));
    assert.notDeepEqual(
      etag(get(device, block2(0, 128))),
      etag(first),
      'whoever begins again gets the new one',
    );
    const other = coap.device();
    assert.notDeepEqual(
      etag(get(other, block2(1, 128))),
      etag(first),
      'nobody else has begun with the old one',
    );
  });

  test('§2.4 a payload that fits into the block asked for is the only one', () => {
    const { device } = retaining('x');
    assert.equal(seen(get(device, block2(0, 64))), '2.05 2:0/0/64');
    assert.equal(seen(get(device)), '2.05');
  });

  test('§4 Size2 comes with the first block, and whenever it is asked for', () => {
    const { device } = retaining(payload);
    const size2 = (...options: CoapOption[]) => findOption(get(device, ...options), OptionNumber.Size2)?.uint;
    assert.equal(size2(block2(0, 64)), payload.length);
    assert.equal(size2(block2(1, 64)), undefined);
    assert.equal(size2(block2(1, 64), option(OptionNumber.Size2, 0)), payload.length);
    assert.equal(size2(option(OptionNumber.Size2, 0)), payload.length);
    assert.equal(size2(), undefined);
  });

  for (const [name, num, size] of [
    ['one behind the last', 6, 64],
    ['the greatest number', MAX_BLOCK_NUMBER, 1024],
  ] as const) {
    test(`a block that there is not: ${name}`, () => {
      const { device } = retaining(payload);
      assert.equal(seen(get(device, block2(num, size))), '4.00');
    });
  }

  test('a later block of the answer to a PUT is no second PUT', () => {
    const { coap, device } = retaining('x');
    const heard = coap.listener('b');
    device.put('mqtt/b?c=dev1', 'x', { options: [block2(1, 64)] });
    assert.equal(codeText(device.take()[0]?.code ?? 0), '4.00');
    assert.deepEqual(heard.take(), []);
  });

  test('of a list of resources', () => {
    const { device } = retaining('x');
    device.get('.well-known/core', { options: [block2(0, 16)] });
    assert.equal(seen(device.take()[0] ?? assert.fail()), '2.05 2:0/0/16');
  });
});

test('property: a payload of any size is fetched whole in blocks of any size', () => {
  const size = fc.constantFrom(16, 32, 64, 128, 256, 512, 1024);
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 5000 }), size, size, (length, asked, max_block_size) => {
      const { device } = retaining(bytes(length), { config: { max_block_size } });
      assert.deepEqual(fetch(device, Math.min(asked, max_block_size)), bytes(length));
    }),
    { numRuns: 100 },
  );
});
