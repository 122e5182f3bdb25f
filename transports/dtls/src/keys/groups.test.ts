import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GROUPS } from './groups.js';

for (const group of GROUPS) {
  test(`group ${group.id}: both sides come to the same secret, another to another`, () => {
    const [a, b, c] = [group.generate(), group.generate(), group.generate()];
    assert.deepEqual(a.agree(b.publicKey), b.agree(a.publicKey));
    assert.notDeepEqual(a.agree(b.publicKey), a.agree(c.publicKey));
  });

  test(`group ${group.id}: keys that are none`, () => {
    const own = group.generate();
    const { publicKey } = group.generate();
    for (const bad of [
      Buffer.alloc(0),
      publicKey.subarray(1),
      Buffer.concat([publicKey, Buffer.alloc(1)]),
      Buffer.alloc(publicKey.length),
    ]) {
      assert.throws(() => own.agree(bad));
    }
  });
}

test('a compressed point is not taken', () => {
  const [p256] = GROUPS;
  const { publicKey } = p256?.generate() ?? assert.fail();
  const compressed = Buffer.concat([
    Buffer.from([2 + ((publicKey.at(-1) ?? 0) & 1)]),
    publicKey.subarray(1, 33),
  ]);
  assert.throws(() => p256?.generate().agree(compressed), /uncompressed/);
});
