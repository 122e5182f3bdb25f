import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type ObjectList, readObjectList } from './object-list.js';
import { ObjectLists } from './object-lists.js';

function list(text: string): ObjectList {
  const read = readObjectList(Buffer.from(text), undefined);
  assert.ok('paths' in read);
  return read;
}

test('devices that list the same share a list, others do not', () => {
  const lists = new ObjectLists();
  const first = lists.shared(list('</1>;ver=1.1,</3/0>'));
  assert.equal(lists.shared(list('</1>;ver=1.1,</3/0>')), first);
  for (const other of [
    '</1>,</3/0>',
    '</1>;ver=1.2,</3/0>',
    '</3/0>,</1>;ver=1.1',
    '</>;rt=oma.lwm2m;ct=110,</1>;ver=1.1,</3/0>',
  ]) {
    assert.notEqual(lists.shared(list(other)), first);
  }
});

test('however many lists there are, only some are remembered', () => {
  const lists = new ObjectLists();
  const first = lists.shared(list('</1>'));
  for (let id = 2; id <= 1000; id++) lists.shared(list(`</${id}>`));
  assert.equal(lists.shared(list('</1>')), first);
  lists.shared(list('</1001>'));
  assert.notEqual(lists.shared(list('</1>')), first);
});
