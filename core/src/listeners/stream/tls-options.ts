import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createSecureContext, type SecureVersion, type TlsOptions } from 'node:tls';
import { PorticoError } from '../../runtime/errors.js';
import { errorCode } from '../error-code.js';
import type { TlsConfig } from '../listener-config.js';

/** A key of the configuration that names a file. */
interface FileKey {
  readonly key: string;
  readonly path: string | undefined;
}

/**
 * Reads the certificate files of a TLS listener and makes Node's options of its section of the configuration.
 *
 * Certificates are asked for but not refused here: `verify_peer` without `fail_if_no_peer_cert` must tell a
 * wrong one from none, which Node's `rejectUnauthorized` does not.
 *
 * @param configKey path of that section, for errors
 * @throws PorticoError `PORTICO_ERR_TLS_FILE` with key, file and reason; `PORTICO_ERR_CONFIG` for ciphers that
 *   do not exist
 */
export function loadTlsOptions(config: TlsConfig, configKey: string): TlsOptions {
  const certificateFile = { key: `${configKey}.certfile`, path: config.certfile };
  const keyFile = { key: `${configKey}.keyfile`, path: config.keyfile };
  const cert = readFile(certificateFile);
  const key = readFile(keyFile);
  checkPair(certificateFile, cert, keyFile, key, config.key_password);
  const options: TlsOptions = {
    cert,
    key,
    passphrase: config.key_password,
    ca: readAuthorities({ key: `${configKey}.cacertfile`, path: config.cacertfile }),
    requestCert: config.verify === 'verify_peer',
    rejectUnauthorized: false,
    ...versionRange(config.tls_versions),
    ciphers: config.ciphers,
    honorCipherOrder: config.honor_cipher_order,
    handshakeTimeout: config.handshake_timeout,
  };
  checkCiphers(options, `${configKey}.ciphers`);
  return options;
}

function versionRange(versions: TlsConfig['tls_versions']): {
  minVersion: SecureVersion;
  maxVersion: SecureVersion;
} {
  return {
    minVersion: versions.includes('tlsv1.2') ? 'TLSv1.2' : 'TLSv1.3',
    maxVersion: versions.includes('tlsv1.3') ? 'TLSv1.3' : 'TLSv1.2',
  };
}

function readAuthorities(file: FileKey): Buffer | undefined {
  if (file.path === undefined) return undefined;
  const authorities = readFile(file);
  parse(file, () => new X509Certificate(authorities));
  return authorities;
}

/** Finds out beforehand what Node would report without saying which file it means. */
function checkPair(
  certificateFile: FileKey,
  cert: Buffer,
  keyFile: FileKey,
  key: Buffer,
  password = '',
): void {
  const certificate = parse(certificateFile, () => new X509Certificate(cert));
  const privateKey = parse(keyFile, () => createPrivateKey({ key, passphrase: password }));
  if (certificate.checkPrivateKey(privateKey)) return;
  throw fileError(keyFile, `it is not the key of the certificate in ${certificateFile.path}`);
}

function checkCiphers(options: TlsOptions, key: string): void {
  try {
    createSecureContext(options);
  } catch (cause) {
    throw new PorticoError('PORTICO_ERR_CONFIG', `${key}: ${reasonOf(cause)}`, { cause });
  }
}

function readFile(file: FileKey): Buffer {
  const { path } = file;
  if (path === undefined) throw fileError(file, 'it must be given');
  return parse(file, () => readFileSync(path));
}

function parse<T>(file: FileKey, read: () => T): T {
  try {
    return read();
  } catch (cause) {
    throw fileError(file, reasonOf(cause), cause);
  }
}

function fileError({ key, path }: FileKey, reason: string, cause?: unknown): PorticoError {
  const subject = path === undefined ? key : `${path} (${key})`;
  return new PorticoError('PORTICO_ERR_TLS_FILE', `${subject}: ${reason}`, { cause });
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? `${error.message} [${errorCode(error)}]` : String(error);
}
