import { z } from 'zod';
import { byteSize } from '../config/units.js';
import { DEFAULT_TIME_FORMAT, isTimeFormat, TIME_DIRECTIVES } from './log-time.js';
import { LOG_LEVELS, type LogLevel } from './logger.js';

const LOG_FORMATS = ['text', 'json'] as const;

const LOG_PLACES = ['console', 'file', 'both', 'off'] as const;

const UNLIMITED = 'unlimited';

/** A number of things that there are at most, or any number of them. */
function limit(from: number, to: number) {
  return z.union([z.int().min(from).max(to), z.literal(UNLIMITED)]);
}

function fileOfLevel(level: LogLevel) {
  return z
    .strictObject({
      file: z
        .string()
        .min(1)
        .describe('the file; it is rotated like log.file, and log.level holds for it, too'),
    })
    .optional()
    .describe(`a further file, for ${level} and all that is worse alone, unless log.to is off`);
}

/** Sections for the files of single levels. */
const FILES_OF_LEVELS = {
  trace: fileOfLevel('trace'),
  debug: fileOfLevel('debug'),
  info: fileOfLevel('info'),
  warn: fileOfLevel('warn'),
  error: fileOfLevel('error'),
  fatal: fileOfLevel('fatal'),
} satisfies Record<LogLevel, unknown>;

/** The `log` section of the configuration. */
export const logConfigSchema = z
  .strictObject({
    level: z.enum(LOG_LEVELS).default('info').describe('the least important level that is written'),
    format: z
      .enum(LOG_FORMATS)
      .default('text')
      .describe('text: lines for people; json: one JSON object a line, for log collectors'),
    time_format: z
      .string()
      .min(1)
      .max(200)
      .refine(isTimeFormat, `rfc3339, or text with ${TIME_DIRECTIVES}`)
      .default(DEFAULT_TIME_FORMAT)
      .describe(
        `how lines for people tell the time: rfc3339, or text in which these stand for parts of it: ${TIME_DIRECTIVES}; local time`,
      ),
    single_line: z
      .boolean()
      .default(false)
      .describe(
        'whether the stack of an error stands in the line for people, not on lines of its own below it',
      ),
    chars_limit: limit(100, 10_000_000)
      .default(UNLIMITED)
      .describe(
        'how many characters message and fields of a line have at most; what is more is cut, with ... in its place',
      ),
    max_depth: limit(0, 1000)
      .default(20)
      .describe(
        'how deep objects in fields of a line may be nested; what lies deeper is left out, with ... in its place',
      ),
    to: z
      .enum(LOG_PLACES)
      .default('console')
      .describe(
        'where it goes: console (standard output), file, both, or off; the lines that tell that Portico runs, and where, are on the console in any case',
      ),
    file: z
      .string()
      .min(1)
      .default('log/portico.log')
      .describe('the file that it goes into; if relative, from where Portico is started'),
    ...FILES_OF_LEVELS,
    rotation: z
      .strictObject({
        size: byteSize({ from: '4KB', to: '1024GB' })
          .prefault('10MB')
          .describe('a file that would get larger becomes <file>.1, that one <file>.2 and so on'),
        count: z
          .int()
          .min(1)
          .max(1000)
          .default(5)
          .describe('how many files there are at most; the oldest is deleted'),
      })
      .prefault({})
      .describe('how each file is kept from growing for ever'),
  })
  .superRefine((config, context) => {
    const taken = new Map([[config.file, 'log.file']]);
    for (const level of LOG_LEVELS) {
      const file = config[level]?.file;
      if (file === undefined) continue;
      const other = taken.get(file);
      taken.set(file, `log.${level}.file`);
      if (other === undefined) continue;
      context.addIssue({
        code: 'custom',
        path: [level, 'file'],
        message: `the file is that of ${other}`,
        input: file,
      });
    }
  });

export type LogConfig = z.output<typeof logConfigSchema>;
