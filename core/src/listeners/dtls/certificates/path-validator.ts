import { type Certificate, isSelfIssued, readCertificate } from './certificate.js';
import { KeyUsage, Purpose } from './extensions.js';
import type { RevocationList } from './revocation-list.js';
import { isAccepted, isSignedBy } from './signature-algorithms.js';

/** Alerts (RFC 5246 §7.2.2) that tell a peer what is wrong with its certificate. */
export type CertificateAlert =
  | 'bad_certificate'
  | 'unsupported_certificate'
  | 'certificate_revoked'
  | 'certificate_expired'
  | 'certificate_unknown'
  | 'unknown_ca';

/** Why a certificate is not taken. */
export interface CertificateFault {
  /** What the peer is told. */
  readonly alert: CertificateAlert;
  /** What the operator is told, in one line. */
  readonly reason: string;
}

/** Whom a validator trusts, and with what. */
export interface Trust {
  /** Roots, which are their own issuers, and authorities below them. */
  readonly authorities: readonly Certificate[];
  /**
   * Lists of revoked certificates: when there is one, each authority of a path must have one, the root included.
   * Empty: nothing is revoked.
   */
  readonly revocationLists: readonly RevocationList[];
  /** What the certificates have to be good for. */
  readonly purpose: 'clientAuth' | 'serverAuth';
  /** Authorities that may stand between a certificate and its root; undefined for as many as there can be. */
  readonly depth?: number | undefined;
}

/** Longest path, both ends included: each certificate costs the check of a signature. */
const MAX_PATH = 10;

/** Characters of a name that go into a log: anybody can show a certificate with one of 16 KiB. */
const MAX_SHOWN_NAME = 256;

/** A certificate and who has signed it. */
interface Link {
  readonly certificate: Certificate;
  readonly issuer: Certificate;
  /** Authorities that stand below the issuer in the path; self-issued ones do not count. */
  readonly below: number;
}

/** Ends the work on a path at the first fault. */
class PathError extends Error implements CertificateFault {
  override readonly name = 'PathError';
  constructor(
    readonly alert: CertificateAlert,
    readonly reason: string,
  ) {
    super(reason);
  }
}

/** Decides about certificate chains as RFC 5280 §6.1 has it, without policies and name constraints. */
export class PathValidator {
  readonly #trust: Trust;

  constructor(trust: Trust) {
    this.#trust = trust;
  }

  /**
   * @param chain DER, the peer's own certificate first, each certified by the next (RFC 5246 §7.4.2); the root may
   *   be left out
   * @param now milliseconds since 1970
   * @returns undefined when the chain leads to a root that is trusted
   */
  faultOf(chain: readonly Buffer[], now: number): CertificateFault | undefined {
    try {
      const certificates = chain.map(read);
      const [own] = certificates;
      if (own === undefined) throw new PathError('bad_certificate', 'there is no certificate in the chain');
      const path = this.#pathOf(own, certificates, now);
      for (const link of path) this.#check(link, now);
      this.#checkOwn(own);
      return undefined;
    } catch (error) {
      if (error instanceof PathError) return { alert: error.alert, reason: error.reason };
      throw error;
    }
  }

  /** From the peer's certificate to a root; each certificate is signed by the next, the root by itself. */
  #pathOf(own: Certificate, presented: readonly Certificate[], now: number): Link[] {
    const path: Link[] = [];
    let certificate = own;
    let below = 0;
    for (let index = 1; path.length < MAX_PATH; index++) {
      const issuer = this.#issuerOf(certificate, presented[index], now);
      if (certificate !== own && !isSelfIssued(certificate)) below++;
      path.push({ certificate, issuer, below });
      if (issuer === certificate) {
        this.#checkDepth(path.length - 2);
        return path;
      }
      certificate = issuer;
    }
    throw new PathError('unknown_ca', `there are more than ${MAX_PATH} certificates between it and a root`);
  }

  /** One that is trusted, else the next one in the chain that the peer has sent. */
  #issuerOf(certificate: Certificate, next: Certificate | undefined, now: number): Certificate {
    if (isSelfIssued(certificate) && this.#trusts(certificate)) return certificate;
    // A root that was renewed with the same key stands there twice.
    const trusted = this.#trust.authorities.filter((authority) => certifies(authority, certificate));
    const issuer = trusted.find(({ notAfter }) => now <= notAfter) ?? trusted[0];
    if (issuer !== undefined) return issuer;
    const name = nameOf(certificate);
    if (isSelfIssued(certificate)) {
      throw new PathError('unknown_ca', `${name} is signed by itself, and is none of cacertfile`);
    }
    if (next === undefined) {
      throw new PathError(
        'unknown_ca',
        `the issuer of ${name}, "${lines(certificate.x509.issuer)}", is not known`,
      );
    }
    if (certifies(next, certificate)) return next;
    throw new PathError('bad_certificate', `${name} is not signed by the next in the chain, ${nameOf(next)}`);
  }

  #trusts({ x509 }: Certificate): boolean {
    return this.#trust.authorities.some((authority) => authority.x509.raw.equals(x509.raw));
  }

  /** @param between authorities between the peer's certificate and the root; -1 for a peer that is the root */
  #checkDepth(between: number): void {
    const { depth } = this.#trust;
    if (depth === undefined || between <= depth) return;
    const reason = `there are ${between} authorities between it and its root, depth allows ${depth}`;
    throw new PathError('unknown_ca', reason);
  }

  #check({ certificate, issuer, below }: Link, now: number): void {
    const name = nameOf(certificate);
    const { notBefore, notAfter, unsupported, purposes } = certificate;
    if (now < notBefore) throw expired(`${name} is not valid before ${iso(notBefore)}`);
    if (now > notAfter) throw expired(`${name} is not valid since ${iso(notAfter)}`);
    if (unsupported.length > 0)
      throw unfit(`${name} has extensions that are not supported: ${unsupported.join()}`);
    const wanted = Purpose[this.#trust.purpose];
    if (purposes !== undefined && !purposes.includes(wanted) && !purposes.includes(Purpose.any)) {
      throw unfit(`${name} is not for ${this.#trust.purpose} by its extended key usage`);
    }
    if (issuer !== certificate) checkAuthority(issuer, below);
    if (this.#trust.revocationLists.length > 0) this.#checkRevocation(certificate, issuer, now);
  }

  #checkOwn(own: Certificate): void {
    if (allows(own, KeyUsage.digitalSignature)) return;
    throw unfit(`${nameOf(own)} is not for signatures by its key usage`);
  }

  #checkRevocation(certificate: Certificate, issuer: Certificate, now: number): void {
    const authority = nameOf(issuer);
    const list = this.#newestListOf(issuer, now);
    if (list === undefined) throw new PathError('unknown_ca', `there is no revocation list of ${authority}`);
    if (list.nextUpdate !== undefined && now > list.nextUpdate) {
      throw expired(
        `the revocation list of ${authority} should have been renewed by ${iso(list.nextUpdate)}`,
      );
    }
    if (!allows(issuer, KeyUsage.cRLSign))
      throw unfit(`${authority} is not for revocation lists by its key usage`);
    if (!list.hasRevoked(certificate.serial)) return;
    throw new PathError('certificate_revoked', `${nameOf(certificate)} is revoked by ${authority}`);
  }

  /** Of those that are in force already. */
  #newestListOf(issuer: Certificate, now: number): RevocationList | undefined {
    return this.#trust.revocationLists
      .filter((list) => list.issuer.equals(issuer.subject) && list.thisUpdate <= now)
      .sort((one, other) => other.thisUpdate - one.thisUpdate)
      .find((list) => list.isSignedBy(issuer.x509.publicKey));
  }
}

function read(der: Buffer): Certificate {
  try {
    return readCertificate(der);
  } catch (error) {
    throw new PathError('bad_certificate', `a certificate of the chain is none: ${messageOf(error)}`);
  }
}

/** Whether `issuer` is the one that `certificate` names and has signed it. */
function certifies(issuer: Certificate, certificate: Certificate): boolean {
  if (!certificate.issuer.equals(issuer.subject)) return false;
  if (!isAccepted(certificate.algorithm)) {
    const reason = `${nameOf(certificate)} is signed with ${certificate.algorithm}, which is not supported`;
    throw unfit(reason);
  }
  return isSignedBy(certificate, issuer.x509.publicKey);
}

/** Whether an authority may sign what is below it, RFC 5280 §6.1.4. */
function checkAuthority(authority: Certificate, below: number): void {
  const name = nameOf(authority);
  if (!authority.ca) throw new PathError('unknown_ca', `${name} is no certificate authority`);
  if (!allows(authority, KeyUsage.keyCertSign))
    throw unfit(`${name} is not for certificates by its key usage`);
  if (authority.pathLength === undefined || below <= authority.pathLength) return;
  const reason = `${name} allows ${authority.pathLength} authorities below it, and there are ${below}`;
  throw new PathError('unknown_ca', reason);
}

function allows({ keyUsage }: Certificate, usage: number): boolean {
  return keyUsage === undefined || (keyUsage & usage) !== 0;
}

function expired(reason: string): PathError {
  return new PathError('certificate_expired', reason);
}

function unfit(reason: string): PathError {
  return new PathError('unsupported_certificate', reason);
}

function nameOf({ x509 }: Certificate): string {
  return `"${lines(x509.subject)}"`;
}

/** Node.js gives names one line for each part, and undefined for an empty one. */
function lines(name: string | undefined): string {
  const line = name?.replaceAll('\n', ', ') ?? '';
  return line.length > MAX_SHOWN_NAME ? `${line.slice(0, MAX_SHOWN_NAME)}…` : line;
}

function iso(time: number): string {
  return new Date(time).toISOString();
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
