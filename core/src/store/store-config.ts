import { z } from 'zod';
import { byteSize, parseDuration } from '../config/units.js';
import type { SyncMode } from './log/log-writer.js';

const SYNC = /^(?:always|never|interval (\S+))$/;
const SYNC_WORDS = 'always, never, or interval and a duration from 10ms to 1h, such as interval 1s';
const SYNC_INTERVAL = { least: 10, most: 3_600_000 };

/** When what was written is flushed to the disk. */
function syncMode() {
  return z
    .string()
    .regex(SYNC, SYNC_WORDS)
    .meta({ title: 'always, never, or interval and a duration', examples: ['interval 1s'] })
    .transform((text, context): SyncMode => {
      if (text === 'always' || text === 'never') return text;
      const interval = parseDuration(SYNC.exec(text)?.[1] ?? '') ?? 0;
      if (interval >= SYNC_INTERVAL.least && interval <= SYNC_INTERVAL.most) return interval;
      context.addIssue({ code: 'invalid_format', format: 'sync', message: SYNC_WORDS, input: text });
      return z.NEVER;
    });
}

/** The `store` section of the configuration: where and how the hub keeps what must outlive a restart. */
export const storeConfigSchema = z.strictObject({
  type: z
    .enum(['embedded', 'memory'])
    .default('embedded')
    .describe('embedded: on disk, in the folder store in node.data_dir; memory: nothing outlives a restart'),
  sync: syncMode()
    .prefault('always')
    .describe(
      'when what was written is flushed to the disk. always: before it is acknowledged; never, or each interval: later, so that a power failure may lose what was acknowledged, a crash of Portico not',
    ),
  max_bytes: byteSize({ from: '1MB', to: '1024GB', orZero: true })
    .prefault('10GB')
    .describe(
      'while all entries take more than this on disk, what would have to be stored is refused; 0 for no limit. The folder may grow to about twice as much',
    ),
  segment_size: byteSize({ from: '1MB', to: '1GB' })
    .prefault('64MB')
    .describe('size of the files of the store; space is given back file by file'),
});

export type StoreConfig = z.output<typeof storeConfigSchema>;
