import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Makes certificates with the `openssl` command, in a folder of its own. */
export class CertificateFolder {
  readonly path = mkdtempSync(join(tmpdir(), 'portico-certificates-'));

  file(name: string): string {
    return join(this.path, name);
  }

  /** `<name>.pem` and `<name>.key` of a certificate authority. */
  authority(name: string): void {
    this.#openssl(
      'req',
      '-x509',
      ...NEW_KEY,
      '-keyout',
      this.file(`${name}.key`),
      '-out',
      this.file(`${name}.pem`),
      '-days',
      '2',
      '-subj',
      `/CN=${name}`,
    );
  }

  /**
   * `<name>.pem` and `<name>.key`, signed by `authority`.
   * @param subject as openssl wants it: `/C=DE/O=Portico/CN=device`
   */
  certificate(name: string, authority: string, subject: string): void {
    const request = this.file(`${name}.csr`);
    const extensions = this.file(`${name}.ext`);
    writeFileSync(extensions, 'subjectAltName=DNS:localhost,IP:127.0.0.1\n');
    this.#openssl('req', ...NEW_KEY, '-keyout', this.file(`${name}.key`), '-out', request, '-subj', subject);
    this.#openssl(
      'x509',
      '-req',
      '-in',
      request,
      '-CA',
      this.file(`${authority}.pem`),
      '-CAkey',
      this.file(`${authority}.key`),
      '-CAcreateserial',
      '-days',
      '2',
      '-extfile',
      extensions,
      '-out',
      this.file(`${name}.pem`),
    );
  }

  /** `<name>.encrypted.key`: the key, with a password. */
  encryptKey(name: string, password: string): void {
    this.#openssl(
      'pkcs8',
      '-topk8',
      '-in',
      this.file(`${name}.key`),
      '-out',
      this.file(`${name}.encrypted.key`),
      '-passout',
      `pass:${password}`,
    );
  }

  remove(): void {
    rmSync(this.path, { recursive: true });
  }

  #openssl(...args: string[]): void {
    execFileSync('openssl', args, { stdio: 'pipe' });
  }
}

const NEW_KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-utf8'];
