import assert from 'node:assert/strict';
import { test } from 'node:test';
import { expandKeys, forgetKeys, pskPremaster } from './key-schedule.js';
import { prf } from './prf.js';

const hex = (text: string) => Buffer.from(text.replaceAll(/\s/g, ''), 'hex');

test('the vector of the TLS working group for the PRF with SHA-256', () => {
  const output = prf(
    hex('9bbe436ba940f017b17652849a71db35'),
    'test label',
    hex('a0ba9f936cda311827a6f796ffd5198c'),
    100,
  );
  const expected = hex(`
    e3f229ba727be17b8d122620557cd453c2aab21d07c3d495329b52d4e61edb5a6b301791e90d35c9c9a46b4e14baf9af
    0fa022f7077def17abfd3797c0564bab4fbc91666e9def9b97fce34f796789baa48082d122ee42c5a72e5a5110fff701
    87347b66`);
  assert.deepEqual(output, expected);
});

test('a premaster secret of a PSK: zeros as long as the key, or the secret of ECDHE, each behind its length', () => {
  assert.equal(pskPremaster(hex('aabbcc')).toString('hex'), '0003000000' + '0003aabbcc');
  assert.equal(pskPremaster(hex('aabbcc'), hex('0102')).toString('hex'), '00020102' + '0003aabbcc');
});

test('keys are four parts of one block, and are gone once forgotten', () => {
  const randoms = { client: Buffer.alloc(32, 1), server: Buffer.alloc(32, 2) };
  const master = Buffer.alloc(48, 3);
  const block = prf(master, 'key expansion', Buffer.concat([randoms.server, randoms.client]), 40);
  const keys = expandKeys(master, randoms);
  const parts = [keys.client.key, keys.server.key, keys.client.fixedIv, keys.server.fixedIv];
  assert.deepEqual(Buffer.concat(parts), block);
  forgetKeys(keys);
  assert.deepEqual(Buffer.concat(parts), Buffer.alloc(40));
});
