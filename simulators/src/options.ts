import { duration } from '@portico/core';
import { z } from 'zod';
import { fileContents } from './file-contents.js';
import { routeSchema } from './route/read-route.js';

/** One option of a simulator on the command line. */
export interface OptionRow<Value = unknown> {
  /** What stands behind it in the help, as `digits`; a switch has nothing. */
  readonly value?: string;
  readonly description: string;
  /** What it is when it is not given. */
  readonly default?: string;
  /** From the text of the command line, true of a switch, or undefined without a default, to what the simulator uses. */
  readonly schema: z.ZodType<Value>;
}

/** Options by their names in camel case: `phoneFrom` is `--phone-from`. */
export type OptionTable = Readonly<Record<string, OptionRow>>;

export type OptionValues<Table extends OptionTable> = {
  readonly [Name in keyof Table]: z.output<Table[Name]['schema']>;
};

/** What is wrong with an option. */
export class OptionError extends Error {
  override readonly name = 'OptionError';
}

/** An option as it is written: `--phone-from`. */
export function flagOf(name: string): string {
  return `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

/**
 * Reads what the command line gives.
 * @throws OptionError that names the first option that is wrong
 */
export function readOptions<Table extends OptionTable>(
  table: Table,
  given: Readonly<Record<string, unknown>>,
): OptionValues<Table> {
  const values = Object.entries(table).map(([name, row]) => {
    const result = row.schema.safeParse(given[name] ?? row.default);
    if (result.success) return [name, result.data] as const;
    const [issue] = result.error.issues;
    throw new OptionError(`${flagOf(name)} ${String(given[name])}: ${issue?.message ?? 'it is wrong'}`);
  });
  return Object.fromEntries(values) as OptionValues<Table>;
}

/** A whole number. */
function wholeNumber(from: number, to: number) {
  const words = `a whole number from ${from} to ${to} is needed`;
  return z
    .string()
    .regex(/^\d{1,15}$/, words)
    .transform(Number)
    .refine((value) => value >= from && value <= to, words);
}

const toggle = z.boolean().default(false);
const file = fileContents().optional();

/** Options of all simulators. */
export const COMMON_OPTIONS = {
  host: {
    value: 'host',
    description: 'where the platform is',
    default: '127.0.0.1',
    schema: z.string().min(1),
  },
  devices: { value: 'n', description: 'how many devices', default: '1', schema: wholeNumber(1, 100_000) },
  interval: {
    value: 'time',
    description: 'from one report of a device to its next',
    default: '10s',
    schema: duration({ from: '10ms', to: '1d' }),
  },
  duration: {
    value: 'time',
    description: 'how long it all takes; without it until Ctrl-C',
    schema: duration({ from: '1s', to: '365d' }).optional(),
  },
  connectRate: {
    value: 'n',
    description: 'connections opened in a second, at most',
    default: '100',
    schema: wholeNumber(1, 10_000),
  },
  seed: {
    value: 'number',
    description: 'the same seed makes devices do the same',
    default: '1',
    schema: wholeNumber(0, 2 ** 32 - 1),
  },
  tls: { description: 'connect over TLS', schema: toggle },
  ca: { value: 'file', description: 'PEM: authorities of the platform’s certificate', schema: file },
  cert: { value: 'file', description: 'PEM: certificate of the devices', schema: file },
  key: { value: 'file', description: 'PEM: key of that certificate', schema: file },
  insecure: { description: 'take any certificate of the platform', schema: toggle },
  json: { description: 'print JSON, an object on each line', schema: toggle },
} satisfies OptionTable;

export type CommonValues = OptionValues<typeof COMMON_OPTIONS>;

/** Where the platform listens. @param byDefault the port that its protocol has in Portico */
export function portOption(byDefault: number) {
  return {
    value: 'port',
    description: 'where the platform listens',
    default: String(byDefault),
    schema: wholeNumber(1, 65_535),
  } satisfies OptionRow;
}

/** Of protocols that are spoken over UDP too. */
export const UDP_OPTIONS = {
  udp: { description: 'connect over UDP', schema: toggle },
} satisfies OptionTable;

/** Of devices that move. */
export const ROUTE_OPTION = {
  value: 'file',
  description: 'route of the vehicles, JSON: [[lon, lat], …] or GeoJSON (default: a loop in Shanghai)',
  schema: routeSchema(),
} satisfies OptionRow;

/** Of devices that send heartbeats. */
export const HEARTBEAT_OPTION = {
  value: 'time',
  description: 'from one heartbeat of a device to its next',
  default: '60s',
  schema: duration({ from: '1s', to: '1d' }),
} satisfies OptionRow;
