import type { Batch } from './batch.js';
import type { LogIndex } from './log-index.js';
import { DELETE, recordKey, recordKind, recordTable } from './record.js';
import { scan } from './scan.js';
import type { Segment } from './segment.js';

/**
 * Takes all that counts of the end of a segment into a batch once more: its flush has failed, and nobody knows how much
 * of it the disk has. It stays where it is, for a process that is killed before that batch has been written.
 * @param start offset behind what has been flushed
 * @throws Error when it cannot be read
 */
export async function rewrite(segment: Segment, start: number, index: LogIndex, batch: Batch): Promise<void> {
  const { file, salt, end } = segment;
  const visitor = {
    record(buffer: Buffer, at: number, length: number, offset: number): void {
      const table = recordTable(buffer, at);
      const key = recordKey(buffer, at);
      const location = index.get(table, key);
      if (recordKind(buffer, at) === DELETE) {
        if (location === undefined) batch.delete(table, key);
      } else if (location?.holder === segment && location.offset === offset) {
        index.set(table, key, batch.copy(buffer.subarray(at, at + length)));
      }
    },
    damage(): void {},
  };
  await scan({ file, salt, start, end }, visitor);
}
