import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AccessRules, accessRuleError } from './access-rules.js';

test('the first rule that fits decides', () => {
  const rules = new AccessRules(['allow 192.168.0.5', 'deny 192.168.0.0/24', 'allow all']);
  assert.equal(rules.allows('192.168.0.5'), true);
  assert.equal(rules.allows('192.168.0.6'), false);
  assert.equal(rules.allows('192.168.1.6'), true);
});

test('an address that no rule fits may connect', () => {
  assert.equal(new AccessRules([]).allows('192.0.2.1'), true);
  assert.equal(new AccessRules(['deny 192.0.2.2']).allows('192.0.2.1'), true);
});

test('rules know IPv6, and IPv4 addresses as a dual-stack socket shows them', () => {
  const rules = new AccessRules(['allow 2001:db8::/32', 'allow 192.168.0.0/16', 'deny all']);
  assert.equal(rules.allows('2001:db8:1::5'), true);
  assert.equal(rules.allows('2001:db9::1'), false);
  assert.equal(rules.allows('::ffff:192.168.3.4'), true);
  assert.equal(rules.allows('::ffff:10.0.0.1'), false);
});

test('a rule that cannot be read is an error', () => {
  for (const text of ['allow all', 'deny 10.0.0.1', 'allow  10.0.0.0/8', ' deny ::1/128 ']) {
    assert.equal(accessRuleError(text), undefined, text);
  }
  const wrong = [
    '',
    'allow',
    'permit all',
    'deny 10.0.0',
    'deny 10.0.0.0/33',
    'allow ::1/129',
    'deny x',
    'deny all x',
  ];
  for (const text of wrong) {
    assert.match(accessRuleError(text) ?? '', /is not a rule such as "allow all"/, text);
    assert.throws(() => new AccessRules([text]), TypeError);
  }
});
