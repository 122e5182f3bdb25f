import assert from 'node:assert/strict';
import { test } from 'node:test';
import { codeText } from '@portico/codec-coap';
import { MAX_OBJECTS, type ObjectList, readObjectList, sameObjects } from './object-list.js';

function read(text: string, contentFormat?: number): ObjectList {
  const list = readObjectList(Buffer.from(text), contentFormat);
  assert.ok('paths' in list);
  return list;
}

function refusal(payload: string | Buffer, contentFormat?: number): string {
  const fault = readObjectList(Buffer.from(payload), contentFormat);
  assert.ok('code' in fault);
  return `${codeText(fault.code)} ${fault.reason}`;
}

test('objects, instances, versions and content formats are read', () => {
  const list = read('</>;rt="oma.lwm2m";ct="110 112",</1>;ver=1.1,</1/0>,</5>,</31024/10>', 40);
  assert.deepEqual(list.paths, ['/1', '/1/0', '/5', '/31024/10']);
  assert.deepEqual([...list.versions], [[1, '1.1']]);
  assert.deepEqual(list.contentFormats, [110, 112]);
  assert.equal(list.alternatePath, '/');
});

for (const root of ['</lwm2m>', '</lwm2m/>', '<lwm2m>']) {
  test(`objects are found below the alternate path ${root}, written with it or without`, () => {
    const list = read(`${root};rt="oma.lwm2m";ct=11543,</lwm2m/1/0>,</3/0>`);
    assert.deepEqual([list.alternatePath, list.paths], ['/lwm2m', ['/1/0', '/3/0']]);
    assert.deepEqual(list.contentFormats, [11543]);
  });
}

test('what is no object or instance is passed over', () => {
  assert.deepEqual(read('</.well-known/core>,</3/0/1>,</65535>,</a/b>,</>,</3>').paths, ['/3']);
});

test('no payload lists nothing', () => {
  assert.deepEqual(read('').paths, []);
});

test('a list that cannot be read is refused', () => {
  assert.match(refusal('/3/0'), /^4\.00 the object list is wrong: /);
  assert.match(refusal(Buffer.from([0xff])), /^4\.00 the object list is not UTF-8$/);
  assert.match(refusal('{}', 50), /^4\.15 /);
  assert.equal(refusal('</3/0>,'.repeat(MAX_OBJECTS).concat('</4>')), '4.00 too many objects');
});

test('lists are the same when objects, versions and place are', () => {
  const list = read('</1>;ver=1.1,</3/0>');
  assert.ok(sameObjects(list, read('</1>;ver=1.1,</3/0>')));
  for (const other of [
    '</1>;ver=1.2,</3/0>',
    '</1>,</3/0>',
    '</1>;ver=1.1',
    '</a>;rt=oma.lwm2m,</1>;ver=1.1,</3/0>',
  ]) {
    assert.ok(!sameObjects(list, read(other)), other);
  }
});
