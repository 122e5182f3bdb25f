import { execFileSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface Certificate {
  readonly certfile: string;
  readonly keyfile: string;
}

/** A self-signed certificate for 127.0.0.1 in a folder of its own. */
export function makeCertificate(): Certificate {
  const folder = mkdtempSync(join(tmpdir(), 'portico-certificate-'));
  const certfile = join(folder, 'cert.pem');
  const keyfile = join(folder, 'key.pem');
  const ec = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
  const name = ['-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1'];
  execFileSync(
    'openssl',
    ['req', '-x509', ...ec, '-keyout', keyfile, '-out', certfile, '-days', '2', ...name],
    {
      stdio: 'ignore',
    },
  );
  return { certfile, keyfile };
}
