import { isDeepStrictEqual } from 'node:util';
import { frameRow } from './explained-rows.js';
import type { ExplainedFrame } from './explanation.js';

/**
 * For fuzz targets: whether what is told of some bytes is about these bytes, and about all of those of a sound frame.
 * @throws Error when the codec has a bug
 */
export function checkExplained(frames: readonly ExplainedFrame[]): void {
  for (const frame of frames) {
    const { title, bytes, fields, faults } = frame;
    const known = new Set<number>();
    for (const { name, start, end } of fields) {
      if (!(0 <= start && start <= end && end <= bytes.length)) {
        throw new Error(`${title}: ${name} is at ${start} to ${end} of ${bytes.length}`);
      }
      for (let at = start; at < end; at++) known.add(at);
    }
    if (faults.length === 0 && known.size < bytes.length) throw new Error(`${title}: bytes without a field`);
    const open = frameRow(frame, false);
    const hidden = frameRow(frame, true);
    const isSame = isDeepStrictEqual(open, hidden);
    if (isSame === fields.some(({ secret }) => secret)) throw new Error(`${title}: secrets are not hidden`);
    if (open.hex.length !== hidden.hex.length) throw new Error(`${title}: bytes are missing`);
  }
}

/** For tests: each frame as `title`, its fields as `start name: value`, and its faults as `byte 17: reason`. */
export function explainedLines(frames: readonly ExplainedFrame[]): string[] {
  return frames.flatMap(({ title, fields, faults }) => [
    title,
    ...fields.map(({ start, name, value, secret }) => `${start} ${name}: ${secret ? '***' : value}`),
    ...faults.map(({ offset, reason }) => `byte ${offset}: ${reason}`),
  ]);
}
