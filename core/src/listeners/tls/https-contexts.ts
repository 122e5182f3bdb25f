import type { ServerOptions, Server as TlsServer } from 'node:https';
import type { TLSSocket } from 'node:tls';
import { z } from 'zod';
import type { Clock } from '../../runtime/clock.js';
import { certificateFault } from './client-proof.js';
import { SecureContexts } from './secure-contexts.js';
import { checkTls, type TlsConfig, tlsShape } from './tls-config.js';

/** Keys of an HTTP server that may speak HTTPS: those of TLS listeners but what only devices have a use for. */
export const httpsConfigSchema = z
  .strictObject({
    enable: z.boolean().default(false).describe('whether it speaks HTTPS in place of HTTP'),
    ...z.object(tlsShape).omit({ psk: true, psk_ciphers: true, depth: true, reuse_sessions: true }).shape,
  })
  .superRefine(checkTls);

export type HttpsConfig = z.output<typeof httpsConfigSchema>;

/** What an HTTPS server shows and trusts, read from its files. */
export class HttpsContexts {
  readonly #config: TlsConfig;
  readonly #configKey: string;
  #contexts: SecureContexts;

  /**
   * @param configKey path of the section of the configuration, for errors
   * @throws PorticoError `PORTICO_ERR_TLS_FILE` with key, file and reason; `PORTICO_ERR_CONFIG` for ciphers
   *   that do not exist
   */
  constructor(config: HttpsConfig, configKey: string) {
    this.#config = { ...config, psk: false, reuse_sessions: true };
    this.#configKey = configKey;
    this.#contexts = new SecureContexts(this.#config, configKey);
  }

  /** Options of Node's server; clients are to be looked at with {@link clientFault}. */
  get serverOptions(): ServerOptions {
    const { verify, handshake_timeout } = this.#config;
    return {
      ...this.#contexts.own,
      SNICallback: (name, respond) => respond(null, this.#contexts.find(name)),
      requestCert: verify === 'verify_peer',
      rejectUnauthorized: false,
      handshakeTimeout: handshake_timeout,
    };
  }

  /** When the first of the certificates ends, in milliseconds since 1970. */
  get certificatesEnd(): number | undefined {
    return this.#contexts.end;
  }

  /** The certificate of `certfile` as PEM, with those between it and the root. */
  get certificate(): string {
    return String(this.#contexts.own.cert);
  }

  /** Why a client is not wanted for its certificate, or for having none; undefined when it is. */
  clientFault(socket: TLSSocket, clock: Clock): string | undefined {
    return certificateFault(socket, this.#config, clock);
  }

  /**
   * Reads the files anew, for clients that come from now on.
   * @throws PorticoError as the constructor; what was read before stays in use
   */
  reload(server: TlsServer): void {
    const contexts = new SecureContexts(this.#config, this.#configKey);
    server.setSecureContext(contexts.own);
    this.#contexts = contexts;
  }
}
