import { randomBytes } from 'node:crypto';
import { readlinkSync } from 'node:fs';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';

/** Id of the application that the command line is; no other can have it. */
export const LOCAL_APPLICATION = '$cli';

const FILE = 'management.json';

const localAccessSchema = z.object({
  url: z.string(),
  id: z.string(),
  secret: z.string(),
  /** PEM, where the API speaks HTTPS: what it shows. */
  certificate: z.string().optional(),
  /** Of the process. */
  pid: z.int().positive().optional(),
  /** Where that number counts, see {@link pidNamespace}. */
  pidNamespace: z.string().optional(),
});

/** How to reach the API of a hub that runs, and an application that lives as long as it does. */
export type LocalAccess = z.output<typeof localAccessSchema>;

/**
 * Within what process ids count, here: another process has the same id in a container than outside of it.
 * @returns undefined where the system does not tell
 */
export function pidNamespace(): string | undefined {
  try {
    return readlinkSync('/proc/self/ns/pid');
  } catch {
    return undefined;
  }
}

/** Where a hub that runs tells the command line how to reach it. @param dataDir `node.data_dir` */
export function localAccessFile(dataDir: string): string {
  return join(dataDir, FILE);
}

/** Readable to the user alone that the hub runs as (and to root). */
export async function writeLocalAccess(dataDir: string, access: LocalAccess): Promise<void> {
  const file = localAccessFile(dataDir);
  const draft = `${file}.${randomBytes(6).toString('hex')}`;
  await mkdir(dataDir, { recursive: true, mode: 0o700 });
  await writeFile(draft, `${JSON.stringify(access)}\n`, { mode: 0o600, flag: 'wx' });
  await rename(draft, file);
}

export async function removeLocalAccess(dataDir: string): Promise<void> {
  await rm(localAccessFile(dataDir), { force: true });
}

/** @returns undefined when there is no such file, or nothing that a hub has written */
export async function readLocalAccess(dataDir: string): Promise<LocalAccess | undefined> {
  const text = await readFile(localAccessFile(dataDir), 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '';
    throw error;
  });
  try {
    return localAccessSchema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}
