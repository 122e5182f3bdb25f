import { readFileSync } from 'node:fs';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileReason, type Overrides, overridesText, PorticoError, type Settings } from '@portico/core/base';

const FILE = 'runtime.yaml';

/** The file is not there, or its folder is none: of that the store tells, which needs the folder. */
const NOT_THERE: ReadonlySet<string> = new Set(['ENOENT', 'ENOTDIR']);

/** Where a hub keeps what is changed while it runs. @param dataDir `node.data_dir` */
export function overridesFile(dataDir: string): string {
  return join(dataDir, FILE);
}

/**
 * What was changed while a hub ran.
 * @returns undefined when nothing was
 * @throws PorticoError `PORTICO_ERR_CONFIG_FILE` when it cannot be read
 */
export function readOverridesFile(file: string): Overrides | undefined {
  try {
    return { file, text: readFileSync(file, 'utf8') };
  } catch (cause) {
    const { code = '' } = cause as NodeJS.ErrnoException;
    if (NOT_THERE.has(code)) return undefined;
    throw new PorticoError('PORTICO_ERR_CONFIG_FILE', `${file}: ${fileReason(cause)}`, { cause });
  }
}

/**
 * Keeps what was changed: after a crash there is the file of before or this one, never a piece of it. Without
 * settings there is none. Readable to the user alone that the hub runs as (and to root).
 * @throws PorticoError `PORTICO_ERR_CHANGES` when it cannot be written; what was kept before stays
 */
export async function writeOverridesFile(file: string, settings: Settings): Promise<void> {
  try {
    if (Object.keys(settings).length === 0) await rm(file, { force: true });
    else await replaceFile(file, overridesText(settings));
    await syncFolder(dirname(file));
  } catch (cause) {
    throw new PorticoError('PORTICO_ERR_CHANGES', `${file}: ${fileReason(cause)}`, { cause });
  }
}

async function replaceFile(file: string, text: string): Promise<void> {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  const draft = `${file}.draft`;
  const handle = await open(draft, 'w', 0o600);
  try {
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(draft, file);
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  await handle?.sync().finally(() => handle.close());
}
