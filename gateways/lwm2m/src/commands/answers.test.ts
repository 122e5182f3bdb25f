import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ContentFormat } from '@portico/codec-coap';
import { acknowledgement, deviceAnswer, failureAnswer } from './answers.js';
import { codeFields, FAILURES, type Failure } from './response-codes.js';
import { deviceResponse, parsed, typeOf } from './testing/parts.js';

/** The answer to a command, as text. */
function answer(command: object, ...response: Parameters<typeof deviceResponse>): string {
  const read = parsed(command);
  return deviceAnswer(read, deviceResponse(...response), { ...read, typeOf, now: 0 }).toString();
}

test('all fields of the command come back, from Z to A', () => {
  const command = { imei: '1', reqID: [{ a: null }], msgType: 'delete', z: 1.5, data: { path: '/1/5' } };
  assert.equal(
    answer(command, '2.02'),
    '{"z":1.5,"reqID":[{"a":null}],"msgType":"delete","imei":"1","data":{"reqPath":"/1/5","codeMsg":"deleted","code":"2.02"}}',
  );
});

test('an error has no content, even where the device sends a diagnostic payload', () => {
  assert.equal(
    answer({ msgType: 'read', data: { path: '/3/0/9' } }, '4.04', undefined, '6e6f'),
    '{"msgType":"read","data":{"reqPath":"/3/0/9","codeMsg":"not_found","code":"4.04"}}',
  );
});

test('a value whose type nobody knows is passed on raw', () => {
  assert.equal(
    answer({ msgType: 'read', data: { path: '/31024/10' } }, '2.05', ContentFormat.Lwm2mTlv, 'c1010a'),
    '{"msgType":"read","data":{"reqPath":"/31024/10","content":[{"value":"Cg==","raw":true,"path":"/31024/10/1"}],"codeMsg":"content","code":"2.05"}}',
  );
});

test('bytes are told in hexadecimal to who asked for that', () => {
  assert.equal(
    answer({ encoding: 'hex', msgType: 'read', data: { path: '/5/0/0' } }, '2.05', 42, '0102ff'),
    '{"msgType":"read","encoding":"hex","data":{"reqPath":"/5/0/0","content":[{"value":"0102ff","path":"/5/0/0"}],"codeMsg":"content","code":"2.05"}}',
  );
});

test('a Boolean as text is what it says', () => {
  const read = (payload: string) =>
    answer({ msgType: 'read', data: { path: '/26/0/3' } }, '2.05', ContentFormat.TextPlain, payload);
  assert.match(read('31'), /"value":true,/);
  assert.match(read('30'), /"value":false,/);
});

test('a payload without content format is text', () => {
  assert.match(
    answer({ msgType: 'read', data: { path: '/3/0/9' } }, '2.05', undefined, '3130'),
    /"value":10,/,
  );
});

test('links are told one by one, with their attributes', () => {
  const links = '</3/0>;pmin=10;title="a,b\\",c" , </3/0/1>;x=<,>,';
  const response = deviceResponse('2.05', ContentFormat.LinkFormat, Buffer.from(links).toString('hex'));
  const read = parsed({ msgType: 'discover', data: { path: '/3/0' } });
  const { data } = JSON.parse(deviceAnswer(read, response, { ...read, typeOf, now: 0 }).toString());
  assert.deepEqual(data.content, ['</3/0>;pmin=10;title="a,b\\",c"', '</3/0/1>;x=<,>']);
});

test('an answer that cannot be understood is 5.02, with the reason', () => {
  for (const [format, payload] of [
    [ContentFormat.Lwm2mTlv, 'c8'],
    [65_000, '00'],
  ] as const) {
    const text = answer({ reqID: 1, msgType: 'read', data: { path: '/3/0' } }, '2.05', format, payload);
    const { data } = JSON.parse(text);
    assert.equal(data.code, '5.02');
    assert.equal(data.codeMsg, 'bad_gateway');
    assert.ok(data.reason.length > 0);
  }
});

test('the device has the request and will answer later', () => {
  const { fields } = parsed({ reqID: 'x', msgType: 'execute', data: { path: '/3/0/4' } });
  assert.equal(acknowledgement({ fields }).toString(), '{"reqID":"x","msgType":"ack"}');
});

test('what the hub itself answers has a reason', () => {
  const command = parsed({ reqID: 3, msgType: 'read', data: { path: '/3/0/9' } });
  assert.equal(
    failureAnswer(command, 'timeout').toString(),
    '{"reqID":3,"msgType":"read","data":{"reqPath":"/3/0/9","reason":"the device did not answer","codeMsg":"gateway_timeout","code":"5.04"}}',
  );
  for (const failure of Object.keys(FAILURES) as Failure[]) {
    const { data } = JSON.parse(failureAnswer(command, failure).toString());
    assert.match(data.code, /^[45]\./);
  }
});

/** The names of EMQX 4. */
const NAMES: Readonly<Record<string, string>> = {
  '2.01': 'created',
  '2.02': 'deleted',
  '2.03': 'valid',
  '2.04': 'changed',
  '2.05': 'content',
  '2.31': 'continue',
  '4.00': 'bad_request',
  '4.01': 'uauthorized',
  '4.02': 'bad_option',
  '4.03': 'forbidden',
  '4.04': 'not_found',
  '4.05': 'method_not_allowed',
  '4.06': 'not_acceptable',
  '4.08': 'request_entity_incomplete',
  '4.12': 'precondition_failed',
  '4.13': 'request_entity_too_large',
  '4.15': 'unsupported_content_format',
  '5.00': 'internal_server_error',
  '5.01': 'not_implemented',
  '5.02': 'bad_gateway',
  '5.03': 'service_unavailable',
  '5.04': 'gateway_timeout',
  '5.05': 'proxying_not_supported',
  '4.31': 'unknown',
};

test('codes have the names that EMQX gives them, its spelling of 4.01 included', () => {
  for (const [code, codeMsg] of Object.entries(NAMES)) {
    assert.deepEqual(codeFields(deviceResponse(code).code), { codeMsg, code });
  }
});
