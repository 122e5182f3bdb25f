import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createSecureContext } from 'node:tls';
import { PorticoError } from '../../runtime/errors.js';
import { fileReason } from '../../runtime/file-reason.js';
import { errorCode } from '../error-code.js';

/**
 * The files of a TLS listener. Each is looked at part by part when it is read: Node would report what is
 * wrong with one without saying which it means, or only when the first client comes.
 */

/** A file that the configuration names. */
export interface FileKey {
  /** Full path of the key. */
  readonly key: string;
  readonly path: string;
}

/** A certificate that a listener shows, with its private key. */
export interface OwnCertificate {
  readonly certificate: X509Certificate;
  /** PEM, with the certificates between it and the root. */
  readonly cert: Buffer;
  readonly key: Buffer;
  readonly passphrase: string | undefined;
}

const CERTIFICATE = 'CERTIFICATE';
const REVOCATION_LIST = 'X509 CRL';

/** @throws PorticoError `PORTICO_ERR_TLS_FILE` when one of the files is none, or they do not belong together */
export function readOwnCertificate(
  certificateFile: FileKey,
  keyFile: FileKey,
  passphrase: string | undefined,
): OwnCertificate {
  const cert = readFile(certificateFile);
  const [certificate] = parseCertificates(certificateFile, cert);
  const key = readFile(keyFile);
  const privateKey = attempt(keyFile, () => createPrivateKey({ key, passphrase: passphrase ?? '' }));
  checkPair(certificateFile, certificate, keyFile, privateKey);
  attempt(certificateFile, () => createSecureContext({ cert, key, passphrase }));
  return { certificate, cert, key, passphrase };
}

/**
 * The authorities in a PEM file.
 * @throws PorticoError `PORTICO_ERR_TLS_FILE`
 */
export function readAuthorities(file: FileKey): Buffer {
  const authorities = readFile(file);
  parseCertificates(file, authorities);
  return authorities;
}

/**
 * The revocation lists in a PEM file, one after the other.
 * @throws PorticoError `PORTICO_ERR_TLS_FILE`
 */
export function readRevocationLists(file: FileKey): string[] {
  const lists = blocksOf(file, readFile(file), REVOCATION_LIST);
  for (const crl of lists) attempt(file, () => createSecureContext({ crl }));
  return lists;
}

/** OpenSSL's reason and code. */
export function reasonOf(error: unknown): string {
  return error instanceof Error ? `${error.message} [${errorCode(error)}]` : String(error);
}

function parseCertificates(file: FileKey, bytes: Buffer): [X509Certificate, ...X509Certificate[]] {
  const blocks = blocksOf(file, bytes, CERTIFICATE);
  return attempt(file, () => blocks.map((block) => new X509Certificate(block))) as [X509Certificate];
}

function checkPair(
  certificateFile: FileKey,
  certificate: X509Certificate,
  keyFile: FileKey,
  key: KeyObject,
): void {
  if (certificate.checkPrivateKey(key)) return;
  throw fileError(keyFile, `it is not the key of the certificate in ${certificateFile.path}`);
}

/** The parts of a PEM file that have this label; at least one, RFC 7468 §2. */
function blocksOf(file: FileKey, bytes: Buffer, label: string): string[] {
  const block = new RegExp(
    `-----BEGIN (?:TRUSTED )?${label}-----[\\s\\S]*?-----END (?:TRUSTED )?${label}-----`,
    'g',
  );
  const blocks = bytes.toString('latin1').match(block);
  if (blocks === null) throw fileError(file, `there is no "-----BEGIN ${label}-----" in it`);
  return blocks;
}

function readFile(file: FileKey): Buffer {
  try {
    return readFileSync(file.path);
  } catch (cause) {
    throw fileError(file, fileReason(cause), cause);
  }
}

function attempt<T>(file: FileKey, read: () => T): T {
  try {
    return read();
  } catch (cause) {
    throw fileError(file, reasonOf(cause), cause);
  }
}

function fileError({ key, path }: FileKey, reason: string, cause?: unknown): PorticoError {
  return new PorticoError('PORTICO_ERR_TLS_FILE', `${path} (${key}): ${reason}`, { cause });
}
