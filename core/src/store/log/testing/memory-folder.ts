import type { LogFile, LogFolder } from '../log-folder.js';

/** What a {@link MemoryFolder} is asked to do. */
export type FileOperation = 'create' | 'read' | 'write' | 'truncate' | 'sync' | 'remove' | 'syncFolder';

/** A folder in memory whose files can be looked at and changed, and which fails when a test says so. */
export class MemoryFolder implements LogFolder {
  readonly path = 'memory';
  readonly files = new Map<string, MemoryFile>();
  /** Called before each operation; what it throws is what the operation gives. */
  onOperation: (operation: FileOperation, name: string) => void = () => {};
  /** Bytes that one write takes at most. */
  longestWrite = Number.POSITIVE_INFINITY;
  /** Bytes that all files may have together; one that goes beyond it takes what fits, and then gives ENOSPC. */
  capacity = Number.POSITIVE_INFINITY;

  /** What another process would find now. */
  copy(): MemoryFolder {
    const folder = new MemoryFolder();
    for (const [name, { bytes }] of this.files) folder.set(name, bytes);
    return folder;
  }

  set(name: string, bytes: Buffer): void {
    this.files.set(name, new MemoryFile(this, name, Buffer.from(bytes)));
  }

  bytes(name: string): Buffer {
    const file = this.files.get(name);
    if (file === undefined) throw systemError('ENOENT', 'no such file');
    return file.bytes;
  }

  get size(): number {
    let size = 0;
    for (const { bytes } of this.files.values()) size += bytes.length;
    return size;
  }

  async list(): Promise<string[]> {
    return [...this.files.keys()];
  }

  async open(name: string, how: 'existing' | 'create'): Promise<LogFile> {
    if (how === 'create') {
      this.onOperation('create', name);
      this.set(name, Buffer.alloc(0));
    }
    const file = this.files.get(name);
    if (file === undefined) throw systemError('ENOENT', 'no such file');
    return file;
  }

  async remove(name: string): Promise<void> {
    this.onOperation('remove', name);
    this.files.delete(name);
  }

  async sync(): Promise<void> {
    this.onOperation('syncFolder', '.');
  }

  async free(): Promise<number> {
    return this.capacity - this.size;
  }
}

class MemoryFile implements LogFile {
  readonly #folder: MemoryFolder;
  readonly #name: string;
  bytes: Buffer;

  constructor(folder: MemoryFolder, name: string, bytes: Buffer) {
    this.#folder = folder;
    this.#name = name;
    this.bytes = bytes;
  }

  async read(buffer: Buffer, position: number): Promise<number> {
    this.#folder.onOperation('read', this.#name);
    return this.bytes.copy(buffer, 0, Math.min(position, this.bytes.length));
  }

  async write(bytes: Buffer, position: number): Promise<number> {
    this.#folder.onOperation('write', this.#name);
    const free = this.#folder.capacity - this.#folder.size + this.bytes.length - position;
    const length = Math.min(bytes.length, this.#folder.longestWrite, free);
    if (length <= 0 && bytes.length > 0) throw systemError('ENOSPC', 'no space left on device');
    const before = this.bytes.subarray(0, position);
    const gap = Buffer.alloc(position - before.length);
    const behind = this.bytes.subarray(position + length);
    this.bytes = Buffer.concat([before, gap, bytes.subarray(0, length), behind]);
    return length;
  }

  async size(): Promise<number> {
    return this.bytes.length;
  }

  async truncate(length: number): Promise<void> {
    this.#folder.onOperation('truncate', this.#name);
    this.bytes = Buffer.from(this.bytes.subarray(0, length));
  }

  async sync(): Promise<void> {
    this.#folder.onOperation('sync', this.#name);
  }

  async close(): Promise<void> {}
}

/** An error as Node.js gives it for a failed system call. */
export function systemError(code: string, text: string): NodeJS.ErrnoException {
  return Object.assign(new Error(`${code}: ${text}`), { code });
}
