import { readFileSync } from 'node:fs';
import { fileReason, PorticoError } from '@portico/core';

/** A file that the configuration names. */
export interface KeyFile {
  /** Below `gateways.gbt32960`. */
  readonly key: string;
  readonly path: string;
}

/** @throws PorticoError `PORTICO_ERR_VEHICLE_KEYS` when it cannot be read */
export function readText(file: KeyFile): string {
  try {
    return readFileSync(file.path, 'utf8');
  } catch (cause) {
    throw fileError(file, fileReason(cause), cause);
  }
}

/** What is wrong with a file. @param line of it, where that is known; from 1 */
export function fileError(
  { key, path }: KeyFile,
  reason: string,
  cause: unknown,
  line?: number,
): PorticoError {
  const place = line === undefined ? path : `${path}:${line}`;
  const message = `${place} (gateways.gbt32960.${key}): ${reason}`;
  return new PorticoError('PORTICO_ERR_VEHICLE_KEYS', message, { cause });
}
