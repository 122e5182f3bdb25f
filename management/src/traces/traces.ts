import { mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Engine, Logger, Timer, WireTap } from '@portico/core';
import { z } from 'zod';
import { ApiError } from '../result-codes.js';
import { openSource } from './sources.js';
import { TRACE_TYPES, TraceFile, type TraceSpec, type TraceStatus } from './trace.js';

/** Most traces, those that are over with them. */
const MAX_TRACES = 30;
/** Below `node.data_dir`. */
const FOLDER = 'traces';
const INDEX = 'traces.json';

/** Names of traces are those of files, and of no other folder. */
export const TRACE_NAME = /^[\w-]{1,64}$/;

const indexSchema = z.array(
  z.object({
    name: z.string().regex(TRACE_NAME),
    type: z.enum(TRACE_TYPES),
    condition: z.string(),
    start: z.number(),
    end: z.number(),
  }),
);

/** A trace as it is. */
export interface TraceView extends TraceSpec {
  readonly status: TraceStatus;
  /** Bytes of its file. */
  readonly size: number;
}

interface Entry {
  spec: TraceSpec;
  status: TraceStatus;
  /** Bytes, when nothing is written. */
  size: number;
  file?: TraceFile | undefined;
  close?: (() => void) | undefined;
  timer?: Timer | undefined;
}

export interface TracesOptions {
  /** `node.data_dir` */
  readonly dataDir: string;
  readonly wire: WireTap;
  readonly engine: Engine;
  readonly log: Logger;
}

/** Writes into files what clients do, from when to when operators say. Those that are not over go on after a restart. */
export class Traces {
  readonly #options: TracesOptions;
  readonly #folder: string;
  readonly #entries = new Map<string, Entry>();

  constructor(options: TracesOptions) {
    this.#options = options;
    this.#folder = join(options.dataDir, FOLDER);
  }

  /** Goes on with those that are not over. */
  start(): void {
    for (const spec of this.#readIndex()) {
      const size = statSync(this.path(spec.name), { throwIfNoEntry: false })?.size ?? 0;
      const entry: Entry = { spec, status: 'waiting', size };
      this.#entries.set(spec.name, entry);
      this.#goOn(entry);
    }
  }

  /** Writes no more; nothing is forgotten. */
  stop(): void {
    for (const entry of this.#entries.values()) void this.#close(entry);
  }

  get list(): readonly TraceView[] {
    return Array.from(this.#entries.values(), viewOf);
  }

  /** @throws ApiError when there is one of that name, or there are too many */
  add(spec: TraceSpec): TraceView {
    if (this.#entries.has(spec.name)) throw new ApiError('already_exists', `there is a trace ${spec.name}`);
    if (this.#entries.size >= MAX_TRACES) {
      throw new ApiError('parameter_invalid', `there are ${MAX_TRACES} traces: delete one first`);
    }
    const entry: Entry = { spec, status: 'waiting', size: 0 };
    mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
    rmSync(this.path(spec.name), { force: true });
    this.#entries.set(spec.name, entry);
    this.#writeIndex();
    this.#goOn(entry);
    return viewOf(entry);
  }

  /** Writes no more into one. @throws ApiError (it rejects) when there is none of that name */
  async end(name: string): Promise<TraceView> {
    const entry = this.#entryOf(name);
    const now = this.#options.engine.clock.now();
    await this.#finish(entry, 'stopped');
    entry.spec = { ...entry.spec, end: Math.min(entry.spec.end, now) };
    this.#writeIndex();
    return viewOf(entry);
  }

  /** @throws ApiError (it rejects) when there is none of that name */
  async remove(name: string): Promise<void> {
    const entry = this.#entryOf(name);
    await this.#close(entry);
    // Somebody else may have deleted it meanwhile, and made another of that name.
    if (this.#entries.get(name) !== entry) return;
    this.#entries.delete(name);
    rmSync(this.path(name), { force: true });
    this.#writeIndex();
  }

  /** The file of a trace. */
  path(name: string): string {
    return join(this.#folder, `${name}.ndjson`);
  }

  /** @throws ApiError when there is none of that name */
  view(name: string): TraceView {
    return viewOf(this.#entryOf(name));
  }

  #entryOf(name: string): Entry {
    const entry = this.#entries.get(name);
    if (entry === undefined) throw new ApiError('not_found', `there is no trace ${name}`);
    return entry;
  }

  /** Does what is due now, and sees to it that the rest is done in time. */
  #goOn(entry: Entry): void {
    const { clock, timers } = this.#options.engine;
    const { start, end } = entry.spec;
    const now = clock.now();
    if (now >= end) {
      void this.#finish(entry, 'stopped');
      return;
    }
    if (now >= start) this.#open(entry);
    if (entry.status === 'full') return;
    entry.timer = timers.after((now >= start ? end : start) - now, () => this.#goOn(entry));
  }

  #open(entry: Entry): void {
    const { wire, engine, log } = this.#options;
    const { spec } = entry;
    const file = new TraceFile(this.path(spec.name), entry.size, (error) => {
      log.warn({ err: error, trace: spec.name }, 'a trace cannot be written');
      void this.#finish(entry, 'stopped');
    });
    entry.file = file;
    entry.status = 'running';
    entry.close = openSource(spec, wire, engine, (line) => {
      if (file.write(line) || entry.status !== 'running') return;
      log.warn({ trace: spec.name }, 'a trace is full: nothing more is written');
      void this.#finish(entry, 'full');
    });
    if (entry.close === undefined) void this.#finish(entry, 'stopped');
  }

  #finish(entry: Entry, status: TraceStatus): Promise<void> {
    entry.status = status;
    return this.#close(entry);
  }

  async #close(entry: Entry): Promise<void> {
    if (entry.timer !== undefined) this.#options.engine.timers.cancel(entry.timer);
    entry.close?.();
    const { file } = entry;
    entry.size = file?.size ?? entry.size;
    entry.file = undefined;
    entry.close = undefined;
    entry.timer = undefined;
    await file?.close();
  }

  #readIndex(): readonly TraceSpec[] {
    try {
      return indexSchema.parse(JSON.parse(readFileSync(join(this.#folder, INDEX), 'utf8')));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') {
        this.#options.log.warn({ err: error }, 'the list of traces cannot be read');
      }
      return [];
    }
  }

  #writeIndex(): void {
    const path = join(this.#folder, INDEX);
    writeFileSync(`${path}.new`, JSON.stringify(Array.from(this.#entries.values(), ({ spec }) => spec)), {
      mode: 0o600,
    });
    renameSync(`${path}.new`, path);
  }
}

function viewOf({ spec, status, size, file }: Entry): TraceView {
  return { ...spec, status, size: file?.size ?? size };
}
