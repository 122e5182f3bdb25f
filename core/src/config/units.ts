import { z } from 'zod';

const DURATION_UNITS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
  f: 1_209_600_000,
};

const BYTE_UNITS: Readonly<Record<string, number>> = {
  '': 1,
  B: 1,
  b: 1,
  KB: 1024,
  kb: 1024,
  MB: 1024 ** 2,
  mb: 1024 ** 2,
  GB: 1024 ** 3,
  gb: 1024 ** 3,
};

const DURATION = /^(?:\d+(?:\.\d+)?(?:ms|[smhdwf]))+$/;
const BYTE_SIZE = /^(\d+(?:\.\d+)?)(B|b|KB|kb|MB|mb|GB|gb)?$/;

const DURATION_HINT = 'a duration such as 500ms, 15s, 5m, 1h30m or 0';
const SIZE_HINT = 'a size such as 512, 64KB, 1MB or 2GB';

/** Milliseconds of `15s`, `1h30m`, `0.5d`, `1w13ms`; undefined for anything else. Rounded up. */
export function parseDuration(text: string): number | undefined {
  if (!DURATION.test(text)) return undefined;
  let total = 0;
  for (const [, amount, unit] of text.matchAll(/(\d+(?:\.\d+)?)(ms|[smhdwf])/g)) {
    total += Number(amount) * (DURATION_UNITS[unit as string] as number);
  }
  return Math.ceil(total);
}

/** Bytes of `64KB`, `1MB`, `100`; undefined for anything else. Units are powers of 1024. Rounded up. */
export function parseByteSize(text: string): number | undefined {
  const match = BYTE_SIZE.exec(text);
  if (match === null) return undefined;
  return Math.ceil(Number(match[1]) * (BYTE_UNITS[match[2] ?? ''] as number));
}

/** A duration in the configuration, as milliseconds in the program. `0` alone is allowed without a unit. */
export function duration() {
  return z
    .union([z.string().regex(DURATION, DURATION_HINT), z.literal(0)], { error: DURATION_HINT })
    .meta({ title: 'duration', examples: ['15s', '1h30m'] })
    .transform((value) => (value === 0 ? 0 : (parseDuration(value) as number)));
}

/** A duration that must not be 0. @param byDefault such as `15s` */
export function timeout(byDefault: string) {
  return duration()
    .refine((milliseconds) => milliseconds > 0, 'must be more than 0')
    .prefault(byDefault);
}

/** A size in the configuration, as bytes in the program. A plain number counts bytes. */
export function byteSize() {
  return z
    .union([z.string().regex(BYTE_SIZE, SIZE_HINT), z.int(SIZE_HINT).nonnegative(SIZE_HINT)], {
      error: SIZE_HINT,
    })
    .meta({ title: 'size', examples: ['64KB', '1MB'] })
    .transform((value) => (typeof value === 'number' ? value : (parseByteSize(value) as number)));
}

/** So much per time: a token bucket's `burst`, refilled at `perSecond`. */
export interface Rate {
  /** Tokens that may be used at once. */
  readonly burst: number;
  readonly perSecond: number;
}

function parseRate(text: string, parseAmount: (amount: string) => number | undefined): Rate | undefined {
  const [amountText, durationText, ...rest] = text.split(',').map((part) => part.trim());
  if (amountText === undefined || durationText === undefined || rest.length > 0) return undefined;
  const amount = parseAmount(amountText);
  const milliseconds = parseDuration(durationText);
  if (amount === undefined || milliseconds === undefined || amount === 0 || milliseconds === 0)
    return undefined;
  return { burst: amount, perSecond: (amount * 1000) / milliseconds };
}

function rate(example: string, parseAmount: (amount: string) => number | undefined) {
  const text = z.string().meta({ title: 'amount and a duration', examples: [example] });
  return text.transform((value, context): Rate => {
    const parsed = parseRate(value, parseAmount);
    if (parsed !== undefined) return parsed;
    const message = `an amount and a duration such as ${example}`;
    context.addIssue({ code: 'invalid_format', format: 'rate', message, input: value });
    return z.NEVER;
  });
}

/** Messages per time, `100,10s`: a burst of 100, refilled at 10 a second. */
export function messageRate() {
  return rate('100,10s', (text) => (/^\d+$/.test(text) ? Number(text) : undefined));
}

/** Bytes per time, `100KB,10s`: a burst of 102,400 bytes, refilled at 10,240 a second. */
export function byteRate() {
  return rate('100KB,10s', parseByteSize);
}
