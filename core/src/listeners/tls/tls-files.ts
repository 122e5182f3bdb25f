import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { createSecureContext } from 'node:tls';
import { attempt, type FileKey, fileError, PemLabel, pemBlocks, readKeyFile } from './pem-files.js';

/**
 * The files of a TLS listener. Each is looked at part by part when it is read: Node would report what is
 * wrong with one without saying which it means, or only when the first client comes.
 */

/** A certificate that a listener shows, with its private key. */
export interface OwnCertificate {
  readonly certificate: X509Certificate;
  /** PEM, with the certificates between it and the root. */
  readonly cert: Buffer;
  readonly key: Buffer;
  readonly passphrase: string | undefined;
}

/** @throws PorticoError `PORTICO_ERR_TLS_FILE` when one of the files is none, or they do not belong together */
export function readOwnCertificate(
  certificateFile: FileKey,
  keyFile: FileKey,
  passphrase: string | undefined,
): OwnCertificate {
  const cert = readKeyFile(certificateFile);
  const [certificate] = parseCertificates(certificateFile, cert);
  const key = readKeyFile(keyFile);
  const privateKey = parsePrivateKey(keyFile, key, passphrase);
  checkPair(certificateFile, certificate, keyFile, privateKey);
  attempt(certificateFile, () => createSecureContext({ cert, key, passphrase }));
  return { certificate, cert, key, passphrase };
}

/**
 * The authorities in a PEM file.
 * @throws PorticoError `PORTICO_ERR_TLS_FILE`
 */
export function readAuthorities(file: FileKey): Buffer {
  const authorities = readKeyFile(file);
  parseCertificates(file, authorities);
  return authorities;
}

/**
 * The revocation lists in a PEM file, one after the other.
 * @throws PorticoError `PORTICO_ERR_TLS_FILE`
 */
export function readRevocationLists(file: FileKey): string[] {
  const lists = pemBlocks(file, readKeyFile(file), PemLabel.revocationList);
  for (const crl of lists) attempt(file, () => createSecureContext({ crl }));
  return lists;
}

/**
 * The certificates in a PEM file, in their order.
 * @throws PorticoError `PORTICO_ERR_TLS_FILE`
 */
export function readCertificates(file: FileKey): [X509Certificate, ...X509Certificate[]] {
  return parseCertificates(file, readKeyFile(file));
}

/** @throws PorticoError `PORTICO_ERR_TLS_FILE` */
export function readPrivateKey(file: FileKey, passphrase: string | undefined): KeyObject {
  return parsePrivateKey(file, readKeyFile(file), passphrase);
}

function parsePrivateKey(file: FileKey, key: Buffer, passphrase: string | undefined): KeyObject {
  return attempt(file, () => createPrivateKey({ key, passphrase: passphrase ?? '' }));
}

function parseCertificates(file: FileKey, bytes: Buffer): [X509Certificate, ...X509Certificate[]] {
  const blocks = pemBlocks(file, bytes, PemLabel.certificate);
  return attempt(file, () => blocks.map((block) => new X509Certificate(block))) as [X509Certificate];
}

/** @throws PorticoError `PORTICO_ERR_TLS_FILE` when the key is not that of the certificate */
export function checkPair(
  certificateFile: FileKey,
  certificate: X509Certificate,
  keyFile: FileKey,
  key: KeyObject,
): void {
  if (certificate.checkPrivateKey(key)) return;
  throw fileError(keyFile, `it is not the key of the certificate in ${certificateFile.path}`);
}

/** When a certificate ends, in milliseconds since 1970. */
export function endOf({ validTo }: X509Certificate): number {
  return Date.parse(validTo);
}
