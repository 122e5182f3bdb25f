import { readFileSync } from 'node:fs';
import { PorticoError } from '../../runtime/errors.js';
import { fileReason } from '../../runtime/file-reason.js';
import { errorCode } from '../error-code.js';

/** A file that the configuration names. */
export interface FileKey {
  /** Full path of the key. */
  readonly key: string;
  readonly path: string;
}

/** Labels of what stands in PEM files, RFC 7468 §4. */
export const PemLabel = {
  certificate: 'CERTIFICATE',
  revocationList: 'X509 CRL',
  publicKey: 'PUBLIC KEY',
} as const;

/** @throws PorticoError `PORTICO_ERR_TLS_FILE` with key, file and reason */
export function readKeyFile(file: FileKey): Buffer {
  try {
    return readFileSync(file.path);
  } catch (cause) {
    throw fileError(file, fileReason(cause), cause);
  }
}

/**
 * The parts of a PEM file that have this label; at least one, RFC 7468 §2.
 * @throws PorticoError `PORTICO_ERR_TLS_FILE`
 */
export function pemBlocks(file: FileKey, bytes: Buffer, label: string): string[] {
  const block = new RegExp(
    `-----BEGIN (?:TRUSTED )?${label}-----[\\s\\S]*?-----END (?:TRUSTED )?${label}-----`,
    'g',
  );
  const blocks = bytes.toString('latin1').match(block);
  if (blocks === null) throw fileError(file, `there is no "-----BEGIN ${label}-----" in it`);
  return blocks;
}

/** What `read` makes of the file. @throws PorticoError `PORTICO_ERR_TLS_FILE` with what `read` throws as its reason */
export function attempt<T>(file: FileKey, read: () => T): T {
  try {
    return read();
  } catch (cause) {
    throw fileError(file, reasonOf(cause), cause);
  }
}

/** What is wrong with a file. */
export function fileError({ key, path }: FileKey, reason: string, cause?: unknown): PorticoError {
  return new PorticoError('PORTICO_ERR_TLS_FILE', `${path} (${key}): ${reason}`, { cause });
}

/** OpenSSL's reason and code, where there is one. */
export function reasonOf(error: unknown): string {
  return error instanceof Error ? `${error.message} [${errorCode(error)}]` : String(error);
}
