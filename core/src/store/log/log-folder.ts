import { constants, type FileHandle, mkdir, open, readdir, rm, statfs } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';

/** The files that a log lives in: all that it asks of the system, so that a test can let it fail. */
export interface LogFolder {
  /** Where it is, for people. */
  readonly path: string;
  /** Names of all that is in it. */
  list(): Promise<string[]>;
  /** Opens a file for reading and writing. `create`: a new one, in place of one of that name. */
  open(name: string, how: 'existing' | 'create'): Promise<LogFile>;
  remove(name: string): Promise<void>;
  /** Makes durable which files there are. */
  sync(): Promise<void>;
  /** Bytes that the disk has left for files. */
  free(): Promise<number>;
}

export interface LogFile {
  /** Reads into all of `buffer`. @returns how many bytes; fewer than asked for only at the end of the file */
  read(buffer: Buffer, position: number): Promise<number>;
  /** @returns how many bytes were written, which may be fewer than there are */
  write(bytes: Buffer, position: number): Promise<number>;
  size(): Promise<number>;
  truncate(length: number): Promise<void>;
  /** Makes durable what was written. */
  sync(): Promise<void>;
  close(): Promise<void>;
}

/** A folder on disk. */
export class DiskFolder implements LogFolder {
  readonly path: string;

  /** @param path of a folder that is there */
  constructor(path: string) {
    this.path = path;
  }

  /** Makes the folder, and those above it, where there is none; durably. */
  static async make(path: string): Promise<DiskFolder> {
    const first = await mkdir(path, { recursive: true, mode: 0o700 });
    const top = first === undefined ? resolve(path) : dirname(resolve(first));
    for (let made = resolve(path); made.length > top.length; made = dirname(made)) {
      await new DiskFolder(dirname(made)).sync();
    }
    return new DiskFolder(path);
  }

  list(): Promise<string[]> {
    return readdir(this.path);
  }

  async open(name: string, how: 'existing' | 'create'): Promise<LogFile> {
    const path = join(this.path, name);
    if (how === 'create') await rm(path, { force: true });
    const flags = how === 'create' ? constants.O_CREAT | constants.O_EXCL : 0;
    return new DiskFile(await open(path, constants.O_RDWR | flags, 0o600));
  }

  remove(name: string): Promise<void> {
    return rm(join(this.path, name));
  }

  async sync(): Promise<void> {
    const folder = await open(this.path, constants.O_RDONLY);
    try {
      await folder.sync();
    } finally {
      await folder.close();
    }
  }

  async free(): Promise<number> {
    const { bavail, bsize } = await statfs(this.path);
    return bavail * bsize;
  }
}

class DiskFile implements LogFile {
  readonly #handle: FileHandle;

  constructor(handle: FileHandle) {
    this.#handle = handle;
  }

  async read(buffer: Buffer, position: number): Promise<number> {
    let filled = 0;
    while (filled < buffer.length) {
      const { bytesRead } = await this.#handle.read(
        buffer,
        filled,
        buffer.length - filled,
        position + filled,
      );
      if (bytesRead === 0) break;
      filled += bytesRead;
    }
    return filled;
  }

  async write(bytes: Buffer, position: number): Promise<number> {
    return (await this.#handle.write(bytes, 0, bytes.length, position)).bytesWritten;
  }

  async size(): Promise<number> {
    return (await this.#handle.stat()).size;
  }

  truncate(length: number): Promise<void> {
    return this.#handle.truncate(length);
  }

  sync(): Promise<void> {
    return this.#handle.datasync();
  }

  close(): Promise<void> {
    return this.#handle.close();
  }
}
