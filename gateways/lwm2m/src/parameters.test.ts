import assert from 'node:assert/strict';
import { test } from 'node:test';
import { codeText } from '@portico/codec-coap';
import { Parameters, type Read, readRegister, readUpdate } from './parameters.js';
import type { Told } from './registration.js';

const BOUNDS = { least: 10, most: 1000 };

function register(query: string): Read {
  return readRegister(new Parameters(query.split('&')), BOUNDS);
}

function told(read: Read): Told {
  assert.ok('told' in read);
  return read.told;
}

function refusal(read: Read): string {
  assert.ok('fault' in read);
  return `${codeText(read.fault.code)} ${read.fault.reason}`;
}

test('a device tells all of itself', () => {
  assert.deepEqual(told(register('ep=a&lt=60&lwm2m=1.1&b=U&Q&sms=123&pid=1,2&imei=5&password=secret')), {
    lwm2m: '1.1',
    lifetime: 60,
    binding: 'U',
    queue: true,
    sms: '123',
    others: [
      ['imei', '5'],
      ['pid', '1,2'],
    ],
  });
});

for (const version of ['1', '1.0', '1.1', '1.2']) {
  test(`version ${version} is taken`, () => {
    assert.equal(told(register(`ep=a&lt=60&lwm2m=${version}`)).lwm2m, version);
  });
}

for (const version of ['2', '0.9', '1.3', '1.', '1.10', 'x', '2.0']) {
  test(`version ${version} is refused with 4.12`, () => {
    assert.equal(
      refusal(register(`ep=a&lt=60&lwm2m=${version}`)),
      '4.12 versions of LwM2M here are 1.0, 1.1 and 1.2',
    );
  });
}

for (const lifetime of ['9', '1001', '-60', '60.5', '0x40', 'x', '', '6e1', '99999999999999999999']) {
  test(`lt=${lifetime} is out of bounds, or no number`, () => {
    assert.equal(
      refusal(register(`ep=a&lwm2m=1.1&lt=${lifetime}`)),
      '4.00 lt is a number of seconds from 10 to 1000',
    );
  });
}

test('a device that names no version speaks 1.0', () => {
  assert.equal(told(register('ep=a&lt=60')).lwm2m, '1.0');
});

test('a lifetime that is not named is a day', () => {
  const read = readRegister(new Parameters(['ep=a', 'lwm2m=1.0']), { least: 1, most: 86_400 });
  assert.equal(told(read).lifetime, 86_400);
});

test('the first argument of a name counts', () => {
  assert.equal(told(register('lt=60&lt=70&lwm2m=1.0')).lifetime, 60);
});

test('an update changes what it names', () => {
  const before = told(register('ep=a&lt=60&lwm2m=1.1&b=U&Q&sms=123&pid=1'));
  const update = (query: string) => told(readUpdate(new Parameters(query.split('&')), before, BOUNDS));
  assert.deepEqual(update(''), before);
  assert.deepEqual(update('lt=70'), { ...before, lifetime: 70 });
  assert.deepEqual(update('b=UT'), { ...before, binding: 'UT', queue: false });
  assert.deepEqual(update('b=U&Q'), before);
  assert.deepEqual(update('sms=456&x=y'), {
    ...before,
    sms: '456',
    others: [
      ['pid', '1'],
      ['x', 'y'],
    ],
  });
  assert.deepEqual(update('pid=2').others, [['pid', '2']]);
});

test('an update that asks for too much changes nothing', () => {
  const before = told(register('ep=a&lt=60&lwm2m=1.1'));
  assert.equal(
    refusal(readUpdate(new Parameters(['lt=5000']), before, BOUNDS)),
    '4.00 lt is a number of seconds from 10 to 1000',
  );
});
