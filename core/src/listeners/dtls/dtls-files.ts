import { createPublicKey, type KeyObject } from 'node:crypto';
import type { ServerCredentials } from '@portico/dtls';
import { attempt, type FileKey, fileError, PemLabel, pemBlocks, readKeyFile } from '../tls/pem-files.js';
import { checkPair, readCertificates, readPrivateKey } from '../tls/tls-files.js';
import { readCertificate } from './certificates/certificate.js';
import { PathValidator } from './certificates/path-validator.js';
import { fingerprintOfKey, plainFingerprint } from './certificates/raw-public-keys.js';
import { RevocationList } from './certificates/revocation-list.js';
import type { DtlsConfig } from './dtls-config.js';

/** What a DTLS listener has read from its files. */
export interface DtlsFiles {
  /** What it shows of itself, but for pre-shared keys. */
  readonly own: Pick<ServerCredentials, 'certificate' | 'rawKey'>;
  /** Of client certificates; undefined where there is no `cacertfile`. */
  readonly certificates: PathValidator | undefined;
  /** Fingerprints of the raw public keys that may come in. */
  readonly rawPublicKeys: ReadonlySet<string>;
}

/**
 * @param configKey path of the listener's section of the configuration
 * @throws PorticoError `PORTICO_ERR_TLS_FILE` with key, file and reason
 */
export function readDtlsFiles(config: DtlsConfig, configKey: string): DtlsFiles {
  return {
    own: readOwn(config, configKey),
    certificates: readTrust(config, configKey),
    rawPublicKeys: new Set(readRawPublicKeys(config, configKey)),
  };
}

function readOwn(config: DtlsConfig, configKey: string): DtlsFiles['own'] {
  const { certfile, keyfile, key_password } = config;
  if (keyfile === undefined) return {};
  const keyFile = { key: `${configKey}.keyfile`, path: keyfile };
  const privateKey = readPrivateKey(keyFile, key_password);
  checkCurve(keyFile, privateKey);
  if (certfile === undefined) return { rawKey: privateKey };
  const certificateFile = { key: `${configKey}.certfile`, path: certfile };
  const certificates = readCertificates(certificateFile);
  checkPair(certificateFile, certificates[0], keyFile, privateKey);
  return { certificate: { chain: certificates.map(({ raw }) => raw), privateKey }, rawKey: privateKey };
}

function checkCurve(file: FileKey, { asymmetricKeyType, asymmetricKeyDetails }: KeyObject): void {
  if (asymmetricKeyDetails?.namedCurve === 'prime256v1') return;
  const kind = asymmetricKeyDetails?.namedCurve ?? asymmetricKeyType;
  throw fileError(file, `DTLS needs a key on the curve P-256 (prime256v1), and this is one of ${kind}`);
}

function readTrust(
  { cacertfile, crlfile = [], depth }: DtlsConfig,
  configKey: string,
): PathValidator | undefined {
  if (cacertfile === undefined) return undefined;
  const file = { key: `${configKey}.cacertfile`, path: cacertfile };
  return new PathValidator({
    authorities: readCertificates(file).map(({ raw }) => attempt(file, () => readCertificate(raw))),
    revocationLists: crlfile.flatMap((path, index) => {
      return readRevocationLists({ key: `${configKey}.crlfile.${index}`, path });
    }),
    purpose: 'clientAuth',
    depth,
  });
}

function readRevocationLists(file: FileKey): RevocationList[] {
  const bytes = readKeyFile(file);
  const isPem = bytes.includes('-----BEGIN ');
  const lists = isPem ? pemBlocks(file, bytes, PemLabel.revocationList).map(derOf) : [bytes];
  return lists.map((der) => attempt(file, () => new RevocationList(der)));
}

function* readRawPublicKeys(
  { raw_public_keyfile, raw_public_keys }: DtlsConfig,
  configKey: string,
): Generator<string> {
  for (const text of raw_public_keys) {
    const fingerprint = plainFingerprint(text);
    if (fingerprint !== undefined) yield fingerprint;
  }
  if (raw_public_keyfile === undefined) return;
  const file = { key: `${configKey}.raw_public_keyfile`, path: raw_public_keyfile };
  for (const pem of pemBlocks(file, readKeyFile(file), PemLabel.publicKey)) {
    const key = attempt(file, () => createPublicKey(pem));
    checkCurve(file, key);
    yield fingerprintOfKey(key);
  }
}

/** The bytes in a block of a PEM file, RFC 7468 §2. */
function derOf(block: string): Buffer {
  return Buffer.from(block.replace(/-----.*-----/g, ''), 'base64');
}
