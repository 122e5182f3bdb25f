import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { ObserveOrder } from '@portico/coap-endpoint/testing';
import {
  type CoapMessage,
  CoapOption,
  codeText,
  isResponse,
  MessageType,
  Method,
  OPTIONS,
  OptionNumber,
  optionDefinition,
  typeName,
  uintOption,
} from '@portico/codec-coap';
import { CoapTest } from './testing.js';

/** One step of a recorded exchange: a datagram either way, a message published by either side. */
type Step =
  | { readonly device: string }
  | { readonly server: string; readonly recorded?: string }
  | { readonly publish: string }
  | { readonly published: string };

interface Exchange {
  readonly name: string;
  readonly steps: readonly Step[];
}

const FILE = new URL('../vectors/libcoap-exchanges.json', import.meta.url);
const { exchanges } = JSON.parse(readFileSync(FILE, 'utf8')) as { exchanges: readonly Exchange[] };

/** `CON PUT 32f2 {01} [ Uri-Path:mqtt, … ] :: 1234`; `last` for the message id of the server's last CON. */
const DATAGRAM = /^(CON|NON|ACK|RST) (\S+) (\S+) \{(\w*)\} \[ (?:(.*) )?\](?: :: (.*))?$/;

function parse(text: string, last: number): CoapMessage {
  const [, type, code, messageId, token = '', options, payload = ''] = DATAGRAM.exec(text) ?? [];
  assert.ok(type !== undefined && messageId !== undefined, text);
  return {
    type: MessageType[type as keyof typeof MessageType],
    code: code === '0.00' ? 0 : Method[code as keyof typeof Method],
    messageId: messageId === 'last' ? last : Number.parseInt(messageId, 16),
    token: Buffer.from(token, 'hex'),
    options: options === undefined ? [] : options.split(', ').map(parseOption),
    payload: Buffer.from(written(payload)),
  };
}

/** `x*256` for 256 times x. */
function written(payload: string): string {
  const [, character, count] = /^(.)\*(\d+)$/.exec(payload) ?? [];
  return character === undefined ? payload : character.repeat(Number(count));
}

function parseOption(text: string): CoapOption {
  const [name, value = ''] = text.split(/:(.*)/s);
  const definition = OPTIONS.find((candidate) => candidate.name === name);
  assert.ok(definition !== undefined, text);
  const { number, format } = definition;
  if (format === 'uint') return uintOption(number, Number(value));
  const bytes = value.startsWith('0x') ? Buffer.from(value.slice(2), 'hex') : Buffer.from(value);
  return CoapOption.of(number, bytes);
}

function print(message: CoapMessage, order: ObserveOrder): string {
  const { type, code, messageId, token, options, payload } = message;
  const chosenByServer = type === MessageType.CON || type === MessageType.NON;
  const parts = [typeName(type), codeText(code)];
  if (!chosenByServer) parts.push(messageId.toString(16).padStart(4, '0'));
  const list =
    options.length === 0
      ? ''
      : `${options.map((option) => printOption(option, order.place(message))).join(', ')} `;
  parts.push(`{${token.toString('hex')}}`, `[ ${list}]`);
  const diagnostic = isResponse(code) && code >> 5 !== 2;
  if (payload.length > 0 && !diagnostic) parts.push('::', payload.toString());
  return parts.join(' ');
}

/** @param place of a notification among those before: libcoap's server counts from 0, ours goes by the clock */
function printOption(option: CoapOption, place: string | undefined): string {
  const { name } = optionDefinition(option.number) ?? { name: String(option.number) };
  if (option.number === OptionNumber.Observe) return `${name}:${place}`;
  return option.number === OptionNumber.ETag ? name : `${name}:${option.uint}`;
}

function split(publication: string): [topic: string, payload: string] {
  const [topic = '', payload = ''] = publication.split(/=(.*)/s);
  return [topic, written(payload)];
}

for (const { name, steps } of exchanges) {
  test(`as with libcoap: ${name}`, async () => {
    const coap = new CoapTest();
    const heard = coap.listener('#');
    const device = coap.device();
    const order = new ObserveOrder(coap.hub.clock);
    let unread: CoapMessage[] = [];
    let last = -1;
    for (const step of steps) {
      if ('device' in step) await device.sends(parse(step.device, last));
      else if ('publish' in step) coap.publish(...split(step.publish));
      else if ('published' in step) assert.deepEqual(heard.take(), [split(step.published).join('=')]);
      else {
        unread.push(...device.take());
        const message = unread.shift();
        assert.ok(message !== undefined, `nothing instead of ${step.server}`);
        assert.equal(print(message, order), step.server);
        assert.notEqual(step.server, step.recorded);
        last = message.messageId;
      }
    }
    unread = [...unread, ...device.take()];
    assert.deepEqual(
      unread.map((message) => print(message, order)),
      [],
    );
  });
}
