import { X509Certificate } from 'node:crypto';
import type { PeerCertificate } from '../engine/client-info.js';

/** What `certificate` says of its owner. */
export function describeCertificate(certificate: X509Certificate): PeerCertificate {
  return {
    commonName: commonNameOf(certificate),
    subject: distinguishedName(certificate.subject),
    issuer: distinguishedName(certificate.issuer),
    der: certificate.raw,
  };
}

/** As {@link describeCertificate}, of DER bytes; undefined when they are no certificate. The bytes are copied. */
export function certificateFromDer(der: Buffer): PeerCertificate | undefined {
  try {
    return describeCertificate(new X509Certificate(der));
  } catch {
    return undefined;
  }
}

/** A certificate of which only the common name is known. */
export function certificateFromName(commonName: string): PeerCertificate {
  return { commonName, subject: `CN=${escapeValue(commonName)}`, issuer: '', der: undefined };
}

/**
 * Node gives a name one line per relative name, in the order of the certificate, with values escaped as
 * RFC 4514 §2.4 wants; there the last comes first and commas separate. For an empty subject, whose owner has only
 * alternative names (RFC 5280 §4.1.2.6), it gives undefined, whatever its types say.
 */
function distinguishedName(name: string | undefined): string {
  return name?.split('\n').reverse().join(',') ?? '';
}

/** The last common name, which is the most specific. */
function commonNameOf(certificate: X509Certificate): string | undefined {
  const names: string | string[] | undefined = certificate.toLegacyObject().subject?.CN;
  return Array.isArray(names) ? names.at(-1) : names;
}

/** RFC 4514 §2.4 */
function escapeValue(value: string): string {
  return value
    .replace(/["+,;<>\\]/g, '\\$&')
    .replace(/^[ #]/, '\\$&')
    .replace(/ $/, '\\ ')
    .replaceAll('\0', '\\00');
}
