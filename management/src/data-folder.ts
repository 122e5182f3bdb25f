import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { localTimeText } from '@portico/core';
import { ApiError } from './result-codes.js';

/** Below `node.data_dir`. */
const FOLDER = 'exports';

/** A file of the folder. */
export interface DataFile {
  readonly filename: string;
  /** `2026-05-18 17:17:44` */
  readonly created_at: string;
  /** Bytes. */
  readonly size: number;
}

/** Where exports lie, and where files to be imported are put. */
export class DataFolder {
  readonly #path: string;

  /** @param dataDir `node.data_dir` */
  constructor(dataDir: string) {
    this.#path = join(dataDir, FOLDER);
  }

  /** The newest first. */
  async list(): Promise<readonly DataFile[]> {
    const names = await readdir(this.#path).catch(none);
    const files = await Promise.all(names.filter(isDataFileName).map((name) => this.#describe(name)));
    return files.sort((a, b) => b.created_at.localeCompare(a.created_at));
  }

  /** Readable to the user alone that the hub runs as: there are hashes of secrets in it. */
  async write(filename: string, text: string): Promise<DataFile> {
    const path = join(this.#path, filename);
    await mkdir(this.#path, { recursive: true, mode: 0o700 });
    await writeFile(`${path}.new`, text, { mode: 0o600 });
    await rename(`${path}.new`, path);
    return this.#describe(filename);
  }

  /** @throws ApiError (it rejects) when there is no such file */
  async read(filename: string): Promise<string> {
    return readFile(join(this.#path, filename), 'utf8').catch(refuseMissing);
  }

  /** @throws ApiError (it rejects) when there is no such file */
  async remove(filename: string): Promise<void> {
    await rm(join(this.#path, filename)).catch(refuseMissing);
  }

  async #describe(filename: string): Promise<DataFile> {
    const { mtime, size } = await stat(join(this.#path, filename));
    return { filename, created_at: localTimeText(mtime), size };
  }
}

/** Whether a file of the folder may be called so: it is in no other folder. */
export function isDataFileName(name: string): boolean {
  return /^[\w-][\w.-]{0,127}\.json$/.test(name);
}

function none(error: NodeJS.ErrnoException): string[] {
  if (error.code === 'ENOENT') return [];
  throw error;
}

function refuseMissing(error: NodeJS.ErrnoException): never {
  if (error.code === 'ENOENT') throw new ApiError('not_found', 'there is no such file');
  throw error;
}
