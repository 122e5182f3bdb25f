import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** What there is, and goes at the latest with the process: tests that fail may not come to remove it. */
const folders = new Set<CertificateFolder>();
process.once('exit', () => {
  for (const folder of folders) folder.remove();
});

/** Makes certificates with the `openssl` command, in a folder of its own. */
export class CertificateFolder {
  readonly path = mkdtempSync(join(tmpdir(), 'portico-certificates-'));

  constructor() {
    folders.add(this);
  }

  file(name: string): string {
    return join(this.path, name);
  }

  /** `<name>.pem` and `<name>.key` of a certificate authority that has signed itself. */
  authority(name: string): void {
    const files = ['-keyout', this.file(`${name}.key`), '-out', this.file(`${name}.pem`)];
    this.#openssl('req', '-x509', ...NEW_KEY, ...files, '-days', '2', '-subj', `/CN=${name}`);
  }

  /** `<name>.pem` and `<name>.key` of a certificate authority below another. */
  intermediate(name: string, authority: string): void {
    this.issue(name, authority, `/CN=${name}`, 'basicConstraints=critical,CA:true\n');
  }

  /**
   * `<name>.pem` and `<name>.key`, signed by `authority`.
   * @param subject as openssl wants it: `/C=DE/O=Portico/CN=device`
   * @param names host names that it holds for, wildcards included
   */
  certificate(
    name: string,
    authority: string,
    subject: string,
    names: readonly string[] = ['localhost'],
  ): void {
    const hosts = names.map((host) => `DNS:${host}`);
    this.issue(name, authority, subject, `subjectAltName=${[...hosts, 'IP:127.0.0.1'].join()}\n`);
  }

  /**
   * `<name>.pem` and `<name>.key`, signed by `authority`, with extensions as the configuration of openssl has them,
   * one a line.
   * @param options more of them for `openssl x509`
   */
  issue(
    name: string,
    authority: string,
    subject: string,
    extensions: string,
    ...options: readonly string[]
  ): void {
    const request = this.file(`${name}.csr`);
    const extensionFile = this.file(`${name}.ext`);
    writeFileSync(extensionFile, extensions);
    this.#openssl('req', ...NEW_KEY, '-keyout', this.file(`${name}.key`), '-out', request, '-subj', subject);
    const issuer = ['-CA', this.file(`${authority}.pem`), '-CAkey', this.file(`${authority}.key`)];
    const result = ['-extfile', extensionFile, '-out', this.file(`${name}.pem`), ...options];
    this.#openssl('x509', '-req', '-in', request, ...issuer, '-CAcreateserial', '-days', '2', ...result);
  }

  /** `<name>.crl`: the certificates that `authority` has revoked; good from now on, for a day. */
  revocationList(name: string, authority: string, revoked: readonly string[]): void {
    const database = this.file(`${name}.index`);
    const config = this.file(`${name}.cnf`);
    writeFileSync(database, '');
    writeFileSync(config, `[ca]\ndefault_ca=x\n[x]\ndatabase=${database}\ndefault_md=sha256\n`);
    const issuer = ['-cert', this.file(`${authority}.pem`), '-keyfile', this.file(`${authority}.key`)];
    const ca = ['ca', '-config', config, ...issuer];
    for (const each of revoked) this.#openssl(...ca, '-revoke', this.file(`${each}.pem`));
    this.#openssl(...ca, '-gencrl', '-crldays', '1', '-out', this.file(`${name}.crl`));
  }

  /** A file of all these, one after the other. */
  bundle(name: string, ...parts: readonly string[]): void {
    writeFileSync(this.file(name), parts.map((part) => readFileSync(this.file(part), 'latin1')).join(''));
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
    folders.delete(this);
    rmSync(this.path, { recursive: true });
  }

  #openssl(...args: string[]): void {
    execFileSync('openssl', args, { stdio: 'pipe' });
  }
}

const NEW_KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-utf8'];
