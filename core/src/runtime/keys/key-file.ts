import { readFileSync } from 'node:fs';
import { PorticoError } from '../errors.js';
import { fileReason } from '../file-reason.js';

/** A file with keys of vehicles, or of the hub that they talk to, that the configuration names. */
export interface KeyFile {
  /** By which key of the configuration: `gateways.gbt32960.vehicle_keys_file`. */
  readonly key: string;
  readonly path: string;
}

/** @throws PorticoError `PORTICO_ERR_VEHICLE_KEYS` when it cannot be read */
export function readKeyFile(file: KeyFile): string {
  try {
    return readFileSync(file.path, 'utf8');
  } catch (cause) {
    throw keyFileError(file, fileReason(cause), cause);
  }
}

/**
 * Reads a file with a private key.
 * @param cipher of which it is to be
 * @param read what to make of its text; throws when that is no such key
 * @throws PorticoError `PORTICO_ERR_VEHICLE_KEYS`
 */
export function readPrivateKey<T>(file: KeyFile, cipher: string, read: (pem: string) => T): T {
  const pem = readKeyFile(file);
  try {
    return read(pem);
  } catch (cause) {
    throw keyFileError(file, `it is no private key of ${cipher} in PEM without password`, cause);
  }
}

/** What is wrong with a file. @param line of it, where that is known; from 1 */
export function keyFileError(
  { key, path }: KeyFile,
  reason: string,
  cause: unknown,
  line?: number,
): PorticoError {
  const place = line === undefined ? path : `${path}:${line}`;
  return new PorticoError('PORTICO_ERR_VEHICLE_KEYS', `${place} (${key}): ${reason}`, { cause });
}
