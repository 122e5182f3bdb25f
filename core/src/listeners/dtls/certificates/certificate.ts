import { X509Certificate } from 'node:crypto';
import { DerReader, explicit, sequenceOf, Tag, time } from './der.js';
import { type Constraints, constraintsOf, readExtensions } from './extensions.js';
import { demandSameAlgorithm, readSigned, type Signed } from './signature-algorithms.js';

/** A certificate (RFC 5280 §4.1) as path validation looks at it. */
export interface Certificate extends Signed, Constraints {
  readonly x509: X509Certificate;
  /** The number that its issuer gave it, in hexadecimal digits. */
  readonly serial: string;
  /** DER of the name. */
  readonly issuer: Buffer;
  /** DER of the name. */
  readonly subject: Buffer;
  /** Milliseconds since 1970. */
  readonly notBefore: number;
  /** Milliseconds since 1970. */
  readonly notAfter: number;
}

/** @throws DerError, or what Node.js throws, when `der` is no certificate */
export function readCertificate(der: Buffer): Certificate {
  const x509 = new X509Certificate(der);
  const signed = readSigned(sequenceOf(der));
  const fields = sequenceOf(signed.signed);
  fields.optional(explicit(0));
  const serial = serialNumber(fields);
  demandSameAlgorithm(fields, signed);
  const issuer = fields.take(Tag.sequence).whole;
  const validity = fields.enter(Tag.sequence);
  const [notBefore, notAfter] = [time(validity.next()), time(validity.next())];
  const subject = fields.take(Tag.sequence).whole;
  return {
    x509,
    ...signed,
    serial,
    issuer,
    subject,
    notBefore,
    notAfter,
    ...constraintsOf(extensionsOf(fields)),
  };
}

/** A serial number, in hexadecimal digits. @throws DerError */
export function serialNumber(fields: DerReader): string {
  return fields.take(Tag.integer).content.toString('hex');
}

/** Whether subject and issuer are one: so it is with roots. */
export function isSelfIssued({ issuer, subject }: Certificate): boolean {
  return issuer.equals(subject);
}

/** @param fields what stands behind the subject: the key, ids that nobody uses, the extensions */
function extensionsOf(fields: DerReader) {
  while (!fields.done) {
    const { tag, content } = fields.next();
    if (tag === explicit(3)) return readExtensions(new DerReader(content).enter(Tag.sequence));
  }
  return [];
}
