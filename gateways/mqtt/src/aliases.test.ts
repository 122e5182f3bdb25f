import assert from 'node:assert/strict';
import { test } from 'node:test';
import { InboundAliases, OutboundAliases } from './aliases.js';

const LONG = 'x'.repeat(65_000);

test('the topics behind the aliases of a client are bounded', () => {
  const aliases = new InboundAliases(65535);
  for (let alias = 1; alias <= 16; alias++) assert.deepEqual(aliases.resolve(alias, LONG), { topic: LONG });
  for (let i = 0; i < 100; i++) assert.deepEqual(aliases.resolve(1, LONG), { topic: LONG });
  assert.deepEqual(aliases.resolve(17, LONG), { error: 'quota_exceeded' });
});

test('the topics that get aliases are bounded', () => {
  const aliases = new OutboundAliases(65535);
  const assigned = Array.from({ length: 20 }, (_, i) => aliases.assign(`${LONG}${i}`));
  assert.equal(assigned.filter((alias) => alias !== undefined).length, 16);
  assert.equal(aliases.assign('a/topic'), 17);
});

test('an alias that is taken back is given to the next topic', () => {
  const aliases = new OutboundAliases(1);
  assert.equal(aliases.assign('first'), 1);
  aliases.takeBack('first');
  assert.equal(aliases.get('first'), undefined);
  assert.equal(aliases.assign('second'), 1);
  assert.equal(aliases.assign('third'), undefined);
});
