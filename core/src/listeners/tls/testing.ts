import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { TestContext } from 'node:test';
import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls';
import { CertificateFolder } from '../testing/certificates.js';

/**
 * Certificates for tests of TLS: a server's and devices' below `ca`, one of another authority (`foreign`), one
 * with two authorities between it and the root (`deep`, whose `deep.chain` has them).
 */
export class TlsWorld {
  readonly folder = new CertificateFolder();

  constructor() {
    const { folder } = this;
    folder.authority('ca');
    folder.authority('stranger');
    folder.certificate('server', 'ca', '/CN=localhost');
    folder.certificate('device', 'ca', '/C=DE/O=Portico, Inc./CN=device-1');
    folder.certificate('foreign', 'stranger', '/CN=device-1');
    folder.intermediate('region', 'ca');
    folder.intermediate('plant', 'region');
    folder.certificate('deep', 'plant', '/CN=device-3');
    folder.bundle('deep.chain', 'deep.pem', 'plant.pem', 'region.pem');
  }

  file(name: string): string {
    return this.folder.file(name);
  }

  read(name: string): Buffer {
    return readFileSync(this.file(name));
  }

  /** Settings of a listener with the server's certificate. */
  get files() {
    return { certfile: this.file('server.pem'), keyfile: this.file('server.key') };
  }

  /** As {@link files}, and clients are asked for certificates of `ca`. */
  get verifying() {
    return { ...this.files, verify: 'verify_peer', cacertfile: this.file('ca.pem') };
  }

  /** What a client shows. @param chain name of its certificate file, if not `<name>.pem` */
  identity(name: string, chain = `${name}.pem`): ConnectionOptions {
    return { cert: this.read(chain), key: this.read(`${name}.key`) };
  }

  /** A TLS client that trusts `ca`, closed when the test is over; its errors show in `close`. */
  open(t: TestContext, port: number, options: ConnectionOptions = {}): TLSSocket {
    const trust = { host: '127.0.0.1', servername: 'localhost', ca: this.read('ca.pem') };
    const client = connect({ port, ...trust, ...options });
    client.on('error', () => {});
    t.after(() => client.destroy());
    return client;
  }

  remove(): void {
    this.folder.remove();
  }
}

/** Runs `openssl s_client` until the server ends the connection. @returns all that it printed */
export async function sClient(port: number, ...args: readonly string[]): Promise<string> {
  const child = spawn('openssl', ['s_client', '-connect', `127.0.0.1:${port}`, ...args], {
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (bytes) => (output += String(bytes)));
  child.stdin.on('error', () => {});
  await once(child, 'close');
  return output;
}
