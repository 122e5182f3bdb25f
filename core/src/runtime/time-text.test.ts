import assert from 'node:assert/strict';
import { test } from 'node:test';
import { localTimeText, uptimeText } from './time-text.js';

test('a moment is written in local time, with leading zeros', () => {
  assert.equal(localTimeText(new Date(2026, 0, 2, 3, 4, 5)), '2026-01-02 03:04:05');
});

test('an uptime begins with the greatest unit that is needed', () => {
  const [second, minute, hour, day] = [1000, 60_000, 3_600_000, 86_400_000];
  assert.equal(uptimeText(0), '0 seconds');
  assert.equal(uptimeText(7 * second + 999), '7 seconds');
  assert.equal(uptimeText(4 * minute + 52 * second), '4 minutes, 52 seconds');
  assert.equal(uptimeText(hour), '1 hours, 0 minutes, 0 seconds');
  assert.equal(
    uptimeText(400 * day + 5 * hour + 13 * minute + 11 * second),
    '400 days, 5 hours, 13 minutes, 11 seconds',
  );
});
