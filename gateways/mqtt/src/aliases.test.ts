import assert from 'node:assert/strict';
import { test } from 'node:test';
import { InboundAliases, OutboundAliases } from './aliases.js';
import { mqttConfig } from './config.js';

const LONGEST = 'x'.repeat(65_535);

test('the aliases that there are by default can stand for the longest topics', () => {
  const { max_topic_alias } = mqttConfig.parse({});
  const inbound = new InboundAliases(max_topic_alias);
  const outbound = new OutboundAliases(max_topic_alias);
  for (let alias = 1; alias <= max_topic_alias; alias++) {
    assert.deepEqual(inbound.resolve(alias, LONGEST), { topic: LONGEST });
    assert.equal(outbound.assign(`${alias}${LONGEST}`.slice(0, LONGEST.length)), alias);
  }
  assert.deepEqual(inbound.resolve(max_topic_alias, ''), { topic: LONGEST });
});

test('the topics behind the aliases of a client are bounded', () => {
  const aliases = new InboundAliases(65535);
  for (let alias = 1; alias <= 32; alias++) aliases.resolve(alias, LONGEST);
  for (let i = 0; i < 100; i++) assert.deepEqual(aliases.resolve(1, LONGEST), { topic: LONGEST });
  assert.deepEqual(aliases.resolve(33, 'a'), { error: 'quota_exceeded' });
});

test('the topics that get aliases are bounded', () => {
  const aliases = new OutboundAliases(65535);
  const assigned = Array.from({ length: 40 }, (_, i) => aliases.assign(`${i + 10}${LONGEST}`));
  assert.equal(assigned.filter((alias) => alias !== undefined).length, 31);
  assert.equal(aliases.assign('a/topic'), 32);
});

test('an alias that is taken back is given to the next topic', () => {
  const aliases = new OutboundAliases(1);
  assert.equal(aliases.assign('first'), 1);
  aliases.takeBack('first');
  assert.equal(aliases.get('first'), undefined);
  assert.equal(aliases.assign('second'), 1);
  assert.equal(aliases.assign('third'), undefined);
});
