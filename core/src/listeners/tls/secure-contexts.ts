import { constants, type X509Certificate } from 'node:crypto';
import {
  createSecureContext,
  DEFAULT_CIPHERS,
  type SecureContext,
  type SecureContextOptions,
  type SecureVersion,
} from 'node:tls';
import { PorticoError } from '../../runtime/errors.js';
import { reasonOf } from './pem-files.js';
import type { TlsConfig } from './tls-config.js';
import {
  endOf,
  type OwnCertificate,
  readAuthorities,
  readOwnCertificate,
  readRevocationLists,
} from './tls-files.js';

/**
 * For pre-shared keys TLS 1.3 has the suites with SHA-256 only (RFC 8446 §4.2.11), and OpenSSL chooses the
 * suite before it looks at the key.
 */
const PSK_SUITES_13 = ['TLS_AES_128_GCM_SHA256', 'TLS_CHACHA20_POLY1305_SHA256', 'TLS_AES_256_GCM_SHA384'];

/** Suites of TLS 1.2 for pre-shared keys: first those with forward secrecy. */
const PSK_SUITES_12 = [
  'ECDHE-PSK-CHACHA20-POLY1305',
  'ECDHE-PSK-AES256-CBC-SHA384',
  'ECDHE-PSK-AES128-CBC-SHA256',
  'PSK-AES256-GCM-SHA384',
  'PSK-AES128-GCM-SHA256',
  'PSK-AES256-CBC-SHA384',
  'PSK-AES128-CBC-SHA256',
  'PSK-AES256-CBC-SHA',
  'PSK-AES128-CBC-SHA',
  'RSA-PSK-AES256-GCM-SHA384',
  'RSA-PSK-AES128-GCM-SHA256',
  'RSA-PSK-AES256-CBC-SHA384',
  'RSA-PSK-AES128-CBC-SHA256',
];

interface FurtherContext {
  readonly certificate: X509Certificate;
  readonly context: SecureContext;
}

/** What a TLS listener shows and trusts, read from its files. */
export class SecureContexts {
  /** Node's options for the listener's own certificate, the one of `certfile`. */
  readonly own: SecureContextOptions;
  readonly #ownCertificate: X509Certificate | undefined;
  readonly #further: readonly FurtherContext[];

  /**
   * @param configKey path of the listener's section of the configuration, for errors
   * @throws PorticoError `PORTICO_ERR_TLS_FILE` with key, file and reason; `PORTICO_ERR_CONFIG` for ciphers
   *   that do not exist
   */
  constructor(config: TlsConfig, configKey: string) {
    const { certfile, keyfile } = config;
    const read = (key: string, paths: { certfile: string; keyfile: string }, password: string | undefined) =>
      readOwnCertificate(
        { key: `${key}.certfile`, path: paths.certfile },
        { key: `${key}.keyfile`, path: paths.keyfile },
        password,
      );
    const own =
      certfile !== undefined && keyfile !== undefined
        ? read(configKey, { certfile, keyfile }, config.key_password)
        : undefined;
    const shared = sharedOptions(config, configKey);
    this.#ownCertificate = own?.certificate;
    this.own = { ...shared, ...pairOf(own) };
    this.#further = config.certificates.map((entry, index) => {
      const further = read(`${configKey}.certificates.${index}`, entry, entry.key_password);
      const context = createSecureContext({ ...shared, ...pairOf(further) });
      return { certificate: further.certificate, context };
    });
  }

  /** When the first of the certificates ends, in milliseconds since 1970; undefined when there is none. */
  get end(): number | undefined {
    const further = this.#further.map(({ certificate }) => certificate);
    const ends = [this.#ownCertificate, ...further].flatMap((each) =>
      each === undefined ? [] : endOf(each),
    );
    return ends.length > 0 ? Math.min(...ends) : undefined;
  }

  /**
   * The context for clients that ask for a name: that of the first certificate that holds for it; undefined
   * for the listener's own.
   */
  find(serverName: string): SecureContext | undefined {
    const holds = (certificate: X509Certificate) => certificate.checkHost(serverName) !== undefined;
    if (this.#ownCertificate !== undefined && holds(this.#ownCertificate)) return undefined;
    return this.#further.find(({ certificate }) => holds(certificate))?.context;
  }
}

/** Whether a listener lets clients resume sessions. */
export function resumesSessions({ reuse_sessions, psk, depth }: TlsConfig): boolean {
  // A resumed session tells neither the key's identity nor the chain that it was made with.
  return reuse_sessions && !psk && depth === undefined;
}

function pairOf(own: OwnCertificate | undefined): SecureContextOptions {
  return { cert: own?.cert, key: own?.key, passphrase: own?.passphrase };
}

/** What all certificates of a listener have in common. */
function sharedOptions(config: TlsConfig, configKey: string): SecureContextOptions {
  const { cacertfile, crlfile } = config;
  const { SSL_OP_NO_RENEGOTIATION, SSL_OP_NO_TICKET } = constants;
  const options: SecureContextOptions = {
    ca: cacertfile && readAuthorities({ key: `${configKey}.cacertfile`, path: cacertfile }),
    crl: crlfile?.flatMap((path, index) => {
      return readRevocationLists({ key: `${configKey}.crlfile.${index}`, path });
    }),
    ...versionRange(config.tls_versions),
    ciphers: cipherList(config),
    honorCipherOrder: config.honor_cipher_order,
    secureOptions: SSL_OP_NO_RENEGOTIATION | (resumesSessions(config) ? 0 : SSL_OP_NO_TICKET),
  };
  checkCiphers({ ciphers: config.ciphers }, `${configKey}.ciphers`);
  checkCiphers({ ciphers: config.psk_ciphers }, `${configKey}.psk_ciphers`);
  return options;
}

/** Who offers suites for pre-shared keys has one, so these come first. */
function cipherList({ ciphers, psk, psk_ciphers }: TlsConfig): string | undefined {
  if (!psk) return ciphers;
  return [...PSK_SUITES_13, psk_ciphers ?? PSK_SUITES_12, ciphers ?? namedSuites(DEFAULT_CIPHERS)]
    .flat()
    .join(':');
}

/** Of Node's list the suites that it names: what follows takes those with pre-shared keys away again. */
function namedSuites(list: string): string[] {
  return list.split(':').filter((name) => /^(?:EC)?DHE-/.test(name));
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

function checkCiphers(options: SecureContextOptions, key: string): void {
  try {
    createSecureContext(options);
  } catch (cause) {
    throw new PorticoError('PORTICO_ERR_CONFIG', `${key}: ${reasonOf(cause)}`, { cause });
  }
}
