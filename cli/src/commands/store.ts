import { readdir } from 'node:fs/promises';
import { basename } from 'node:path';
import {
  type DamageReporter,
  LogReader,
  LogStore,
  logStoreOptions,
  Metrics,
  PorticoError,
  quantity,
  type StoreConfig,
  StoreFailure,
  segmentNumber,
  silentLogger,
  storeConfigSchema,
  storeFolder,
  systemClock,
  Timers,
} from '@portico/core';
import { loadPorticoConfig } from '../load-portico-config.js';
import { type Output, Printer } from '../printer.js';
import { errorText, problemsText } from '../report.js';

export interface StoreCommandOptions {
  /** Configuration as given with `-c`. */
  readonly file: string | undefined;
  /** Folder of the store as given with `--dir`; the configuration is not read then. */
  readonly dir: string | undefined;
  readonly env: NodeJS.ProcessEnv;
  readonly stdout: Output;
  readonly stderr: Output;
}

/**
 * Reads all of a store and says what is in it and where it is damaged.
 * @returns the exit code: 0, or 1 when something is damaged or the store cannot be used
 */
function checkStore(options: StoreCommandOptions): Promise<number> {
  const { stdout } = options;
  return onStore(options, async ({ folder }) => {
    const faults = new PrintedFaults(stdout);
    const reader = await openReader(folder, faults);
    stdout.write(`${folder}: ${quantity(reader.bytes, 'byte')} in ${quantity(reader.files, 'file')}\n`);
    for (const [table, count] of reader.counts()) stdout.write(`${table}: ${count}\n`);
    await reader.close();
    if (faults.count === 0) stdout.write('nothing is damaged\n');
    return faults.count === 0 ? 0 : 1;
  });
}

/**
 * Writes what a store holds anew, and gives back the space of everything else.
 * @returns the exit code: 0, or 1 when the store cannot be used or written
 */
function compactStore(options: StoreCommandOptions): Promise<number> {
  return onStore(options, async ({ folder, config }) => {
    const services = { clock: systemClock, timers: newTimers(), metrics: new Metrics(), log: silentLogger };
    const store = await LogStore.open(folder, logStoreOptions(config), services);
    try {
      const { before, after } = await store.compact();
      options.stdout.write(`${folder}: ${quantity(before, 'byte')} before, ${quantity(after, 'byte')} now\n`);
    } finally {
      await store.close();
    }
    return 0;
  });
}

/**
 * Prints every entry of a store as a line of JSON: `table`, `key`, and `value` in Base64.
 * @returns the exit code: 0, or 1 when something is damaged or the store cannot be used
 */
function exportStore(options: StoreCommandOptions): Promise<number> {
  const { stdout, stderr } = options;
  return onStore(options, async ({ folder }) => {
    const faults = new PrintedFaults(stderr);
    const reader = await openReader(folder, faults);
    try {
      await exportEntries(reader, new Printer(stdout));
    } finally {
      await reader.close();
    }
    return faults.count === 0 ? 0 : 1;
  });
}

/** Prints entries until there are no more, or nobody reads them any more. */
async function exportEntries(reader: LogReader, printer: Printer): Promise<void> {
  for (const [table] of reader.counts()) {
    for await (const [key, value] of reader.entries(table)) {
      const line = JSON.stringify({ table, key, value: value.toString('base64') });
      if (!(await printer.print(`${line}\n`))) return;
    }
  }
}

/** The commands `portico store …` by name. */
export const storeCommands = { check: checkStore, compact: compactStore, export: exportStore } as const;

interface StorePlace {
  readonly folder: string;
  readonly config: StoreConfig;
}

/** Does something with the store that the options name; what the operator can put right is told. */
async function onStore(
  options: StoreCommandOptions,
  use: (place: StorePlace) => Promise<number>,
): Promise<number> {
  try {
    const place = findStore(options);
    if (place === undefined) return 1;
    await demandStore(place.folder);
    return await use(place);
  } catch (error) {
    if (error instanceof PorticoError) options.stderr.write(errorText(error));
    else if (error instanceof StoreFailure) options.stderr.write(`${error.message}\n`);
    else throw error;
    return 1;
  }
}

/** @returns undefined when the configuration is wrong, which has been told */
function findStore({ file, dir, env, stderr }: StoreCommandOptions): StorePlace | undefined {
  if (dir !== undefined) return { folder: dir, config: storeConfigSchema.parse({}) };
  const loaded = loadPorticoConfig(file, env);
  if (loaded.ok) return { folder: storeFolder(loaded.config.node.data_dir), config: loaded.config.store };
  stderr.write(problemsText(loaded));
  return undefined;
}

/** These commands make no store, and say so where somebody has named the folder around it. */
async function demandStore(folder: string): Promise<void> {
  const names = await readdir(folder).catch(() => undefined);
  if (names === undefined) throw new PorticoError('PORTICO_ERR_STORE', `${folder}: there is no such folder`);
  if (names.some((name) => segmentNumber(name) !== undefined)) return;
  const inside = storeFolder(folder);
  const advice = names.includes(basename(inside)) ? `; there may be one in ${inside}` : '';
  throw new PorticoError('PORTICO_ERR_STORE', `${folder}: there is no store in this folder${advice}`);
}

function openReader(path: string, reporter: DamageReporter): Promise<LogReader> {
  return LogReader.open({ path, clock: systemClock, timers: newTimers(), reporter });
}

function newTimers(): Timers {
  return new Timers(systemClock, (error) => {
    throw error;
  });
}

/** Prints what is wrong with the files. */
class PrintedFaults implements DamageReporter {
  readonly #output: Output;
  /** How many places are damaged. */
  count = 0;

  constructor(output: Output) {
    this.#output = output;
  }

  damaged(file: string, offset: number, length: number): void {
    this.count++;
    this.#output.write(`${file}: ${quantity(length, 'byte')} at ${offset} damaged; what lay there is lost\n`);
  }

  cutShort(file: string, offset: number, length: number): void {
    this.#output.write(
      `${file}: ${quantity(length, 'byte')} at ${offset} of a batch that was cut short; it does not count\n`,
    );
  }
}
