import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import {
  type CoapMessage,
  CoapOption,
  decode,
  describe,
  encode,
  MessageType,
  Method,
  NO_BYTES,
  OptionNumber,
  stringOption,
  uintOption,
} from '@portico/codec-coap';
import { BufferSink } from '@portico/frame';
import { CoapTest } from './testing.js';

const CORE = ['.well-known', 'core'].map((segment) => stringOption(OptionNumber.UriPath, segment));

/** What is answered to a message that was sent to a group. */
function answered(changes: Partial<CoapMessage>, config: Record<string, unknown> = {}): string | undefined {
  const sink = new BufferSink();
  const message: CoapMessage = {
    type: MessageType.NON,
    code: Method.GET,
    messageId: 1,
    token: Buffer.of(7),
    options: CORE,
    payload: NO_BYTES,
    ...changes,
  };
  encode(message, sink);
  const answer = new CoapTest(config).gateway.answerMulticast?.(sink.take());
  if (answer === undefined) return undefined;
  assert.ok(answer.delay >= 0 && answer.delay <= 5000, 'LEISURE');
  const sent = decode(answer.datagram);
  return `${describe(sent).replace(/ mid=\w+| ETag=\w+/g, '')} ${sent.payload}`;
}

function query(text: string): readonly CoapOption[] {
  return [...CORE, stringOption(OptionNumber.UriQuery, text)];
}

suite('RFC 7252 §8: requests to a group', () => {
  test('discovery is answered, in a non-confirmable message, after a random part of LEISURE', () => {
    assert.equal(
      answered({}),
      'NON 2.05 Content token=07 Content-Format=application/link-format payload=13 </mqtt>,</ps>',
    );
    assert.match(answered({ options: query('rt=core.ps') }) ?? '', /<\/ps>;rt="core\.ps core\.ps\.coll"$/);
  });

  test('where no resource fits the query, nothing is said (RFC 6690 §4.1)', () => {
    assert.equal(answered({ options: query('rt=temperature') }), undefined);
    assert.equal(answered({ options: query('rt=core.ps') }, { ps_dialect: 'emqx' }), undefined);
  });

  const ignored: Readonly<Record<string, Partial<CoapMessage>>> = {
    'a confirmable request': { type: MessageType.CON },
    'another method': { code: Method.PUT },
    'another resource': { options: [stringOption(OptionNumber.UriPath, 'mqtt')] },
    'an unknown critical option': { options: [...CORE, CoapOption.of(65_001, NO_BYTES)] },
    'another format than links': { options: [...CORE, uintOption(OptionNumber.Accept, 50)] },
    'a request to a proxy': { options: [...CORE, stringOption(OptionNumber.ProxyScheme, 'coap')] },
    'a response': { code: 0x45 },
    'No-Response': { options: [...CORE, uintOption(OptionNumber.NoResponse, 2)] },
  };
  for (const [what, changes] of Object.entries(ignored)) {
    test(`${what} is not answered, not even with an error`, () => {
      assert.equal(answered(changes), undefined);
    });
  }

  test('what is no message is not answered', () => {
    assert.equal(new CoapTest().gateway.answerMulticast?.(Buffer.from('ffff', 'hex')), undefined);
  });
});
