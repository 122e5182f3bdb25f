import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { isTimeFormat, timeFormatter } from './log-time.js';

const zone = process.env.TZ;
after(() => {
  if (zone === undefined) delete process.env.TZ;
  else process.env.TZ = zone;
});

const TIME = Date.parse('2026-06-02T14:23:09.019Z');

for (const [format, tz, text] of [
  ['%Y-%m-%d %H:%M:%S.%3N', 'UTC', '2026-06-02 14:23:09.019'],
  ['rfc3339', 'Asia/Shanghai', '2026-06-02T22:23:09.019+08:00'],
  ['%Y-%m-%dT%H:%M:%S.%6N %:z', 'America/St_Johns', '2026-06-02T11:53:09.019000 -02:30'],
  ['%N %z %::z', 'UTC', '019000000 +0000 +00:00:00'],
  ['100%% of %d.%m.', 'UTC', '100% of 02.06.'],
] as const) {
  test(`${format} in ${tz} is ${text}`, () => {
    process.env.TZ = tz;
    const timeText = timeFormatter(format);
    assert.equal(timeText(TIME), text);
    // Of the same second, and of the next one.
    timeText(TIME + 1);
    timeText(TIME + 1000);
    assert.equal(timeText(TIME), text);
  });
}

test('what stands for nothing is no format', () => {
  for (const format of ['rfc3339', 'at %H', 'plain', '%%']) assert.ok(isTimeFormat(format), format);
  for (const format of ['%Q', '%2N', 'trailing %', '%:::z', '%::S']) assert.ok(!isTimeFormat(format), format);
});
