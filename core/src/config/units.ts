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
const PERCENT = /^\d{1,3}(?:\.\d{1,3})?%$/;
const BYTE_SIZE = /^(\d+(?:\.\d+)?)(B|b|KB|kb|MB|mb|GB|gb)?$/;

/** What a value may be, as it is written in the configuration: `{ from: '1s', to: '1d', orZero: true }`. */
export interface Bounds {
  readonly from: string;
  readonly to: string;
  /** Whether 0 may be given too, and stands for "never" or "no limit". */
  readonly orZero?: boolean;
}

/** Of a value about which nothing more is known. No timer is for longer than 100 years. */
const ANY_DURATION: Bounds = { from: '1ms', to: '36500d', orZero: true };
const ANY_SIZE: Bounds = { from: '1', to: '1024GB', orZero: true };

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

/**
 * A duration in the configuration, as milliseconds in the program. 0 needs no unit.
 * @param bounds not given: up to 100 years
 */
export function duration(bounds: Bounds = ANY_DURATION) {
  const title = `duration ${rangeText(bounds)}`;
  const words = `a ${title}`;
  return z
    .union([z.string().regex(DURATION, words), z.literal(0)], { error: words })
    .meta({ title })
    .transform((value) => (value === 0 ? 0 : (parseDuration(value) as number)))
    .refine(within(bounds, parseDuration), `must be ${rangeText(bounds)}`);
}

/** A duration for which something is waited. @param byDefault such as `15s` */
export function timeout(byDefault: string) {
  return duration({ from: '10ms', to: '1h' }).prefault(byDefault);
}

/**
 * A size in the configuration, as bytes in the program. A plain number counts bytes.
 * @param bounds not given: up to 1024GB
 */
export function byteSize(bounds: Bounds = ANY_SIZE) {
  const title = `size ${rangeText(bounds)}`;
  const words = `a ${title}`;
  return z
    .union([z.string().regex(BYTE_SIZE, words), z.int(words).nonnegative(words)], { error: words })
    .meta({ title })
    .transform((value) => (typeof value === 'number' ? value : (parseByteSize(value) as number)))
    .refine(within(bounds, parseByteSize), `must be ${rangeText(bounds)}`);
}

/** A percentage in the configuration, `80%` or `0.5%`; a number from 0 to 100 in the program. */
export function percent() {
  const title = 'percentage from 0% to 100%';
  const words = `a ${title}, written with its %`;
  return z
    .string(words)
    .regex(PERCENT, words)
    .meta({ title })
    .transform((text) => Number(text.slice(0, -1)))
    .refine((value) => value <= 100, 'must be from 0% to 100%');
}

function rangeText({ from, to, orZero }: Bounds): string {
  return `from ${from} to ${to}${orZero ? ', or 0' : ''}`;
}

function within(
  { from, to, orZero = false }: Bounds,
  parse: (text: string) => number | undefined,
): (value: number) => boolean {
  const [least, most] = [parse(from), parse(to)];
  if (least === undefined || most === undefined) throw new TypeError(`no bounds: ${from}, ${to}`);
  return (value) => (value >= least && value <= most) || (orZero && value === 0);
}

/** So much per time: a token bucket's `burst`, refilled at `perSecond`. */
export interface Rate {
  /** Tokens that may be used at once. */
  readonly burst: number;
  readonly perSecond: number;
}

/** Longest time in which the amount of a rate may be used up. */
const LONGEST_REFILL = 86_400_000;
/** Largest amount of a rate, messages or bytes. */
const LARGEST_AMOUNT = 2 ** 40;

function parseRate(text: string, parseAmount: (amount: string) => number | undefined): Rate | undefined {
  const [amountText, durationText, ...rest] = text.split(',').map((part) => part.trim());
  if (amountText === undefined || durationText === undefined || rest.length > 0) return undefined;
  const amount = parseAmount(amountText);
  const milliseconds = parseDuration(durationText);
  if (amount === undefined || amount === 0 || amount > LARGEST_AMOUNT) return undefined;
  if (milliseconds === undefined || milliseconds === 0 || milliseconds > LONGEST_REFILL) return undefined;
  return { burst: amount, perSecond: (amount * 1000) / milliseconds };
}

function rate(example: string, parseAmount: (amount: string) => number | undefined) {
  const text = z.string().meta({ title: 'amount and a duration', examples: [example] });
  return text.transform((value, context): Rate => {
    const parsed = parseRate(value, parseAmount);
    if (parsed !== undefined) return parsed;
    const message = `an amount above 0 and a duration of at most 1d, such as ${example}`;
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
