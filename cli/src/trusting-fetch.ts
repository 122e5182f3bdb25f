import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { request } from 'node:https';
import { checkServerIdentity, type PeerCertificate } from 'node:tls';
import { fileReason, PorticoError } from '@portico/core/base';

/** What of a request can be asked for. */
interface RequestParts {
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly signal: AbortSignal;
}

/**
 * `fetch`, which trusts over HTTPS whom it is told to. Node's own trusts those that the system trusts, and can be told
 * of no others.
 * @param trusted PEM: authorities, or the server's certificate, which is good then whatever name it has;
 *   those that the system trusts when it is undefined
 */
export async function fetchTrusting(
  url: string,
  init: RequestParts,
  trusted: string | undefined,
): Promise<Response> {
  if (trusted === undefined || !url.startsWith('https:')) return await fetch(url, init);
  const { body, ...options } = init;
  const sent = request(url, {
    ...options,
    agent: false,
    ...trustOptions(trusted),
  });
  sent.end(body);
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  const bytes = await response.toArray();
  return new Response(Buffer.concat(bytes), { status: response.statusCode ?? 0 });
}

/** What TLS is told to trust those in a PEM file. */
export function trustOptions(trusted: string) {
  return {
    ca: trusted,
    allowPartialTrustChain: true,
    checkServerIdentity: (host: string, certificate: PeerCertificate) =>
      isAmong(certificate, trusted) ? undefined : checkServerIdentity(host, certificate),
  };
}

/** Whether a certificate is one of those in a PEM file. */
function isAmong({ raw }: PeerCertificate, pem: string): boolean {
  return certificatesIn(pem).some((block) => new X509Certificate(block).raw.equals(raw));
}

/** The certificates of a PEM file, each as it stands there. */
function certificatesIn(pem: string): readonly string[] {
  return pem.match(/-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g) ?? [];
}

/** A file that says whom to trust. @throws PorticoError `PORTICO_ERR_MANAGEMENT` when it cannot be read, or has no certificate */
export function readTrusted(file: string): string {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new PorticoError('PORTICO_ERR_MANAGEMENT', `${file}: ${fileReason(error)}`, { cause: error });
  }
  if (certificatesIn(text).length === 0)
    throw new PorticoError('PORTICO_ERR_MANAGEMENT', `${file}: there is no certificate in it`);
  return text;
}
