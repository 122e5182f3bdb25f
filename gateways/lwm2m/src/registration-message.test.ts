import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NO_OBJECTS } from './object-list.js';
import type { Registration } from './registration.js';
import { registrationMessage } from './registration-message.js';

const DEVICE: Registration = {
  lwm2m: '1.1',
  lifetime: 60,
  binding: 'U',
  queue: false,
  sms: undefined,
  others: [],
  objects: { ...NO_OBJECTS, paths: ['/1', '/1/0', '/3/0'] },
};

test('a registration is told as the reference tells it, byte for byte', () => {
  assert.equal(
    registrationMessage('register', 'urn:imei:000000000000001', DEVICE).toString(),
    '{"msgType":"register","data":{"objectList":["/1","/1/0","/3/0"],"lwm2m":"1.1","lt":60,"ep":"urn:imei:000000000000001","b":"U","alternatePath":"/"}}',
  );
});

test('whatever else the device said is told too, and cannot take the place of what the gateway knows', () => {
  const registration: Registration = {
    ...DEVICE,
    binding: undefined,
    queue: true,
    sms: '123',
    others: [
      ['__proto__', 'x'],
      ['objectList', 'x'],
      ['pid', '1'],
    ],
  };
  assert.equal(
    registrationMessage('update', 'a"b', registration).toString(),
    '{"msgType":"update","data":{"sms":"123","pid":"1","objectList":["/1","/1/0","/3/0"],"lwm2m":"1.1","lt":60,"ep":"a\\"b","alternatePath":"/","__proto__":"x","Q":true}}',
  );
});
