import type { KeyObject } from 'node:crypto';
import { serialNumber } from './certificate.js';
import { DerError, DerReader, explicit, sequenceOf, Tag, time } from './der.js';
import { readExtensions } from './extensions.js';
import {
  demandSameAlgorithm,
  isAccepted,
  isSignedBy,
  readSigned,
  type Signed,
} from './signature-algorithms.js';

/** The certificates that an authority has revoked, RFC 5280 §5. */
export class RevocationList {
  /** DER of the authority's name. */
  readonly issuer: Buffer;
  /** Milliseconds since 1970. */
  readonly thisUpdate: number;
  /** Milliseconds since 1970, by which there is a newer one; undefined when it does not say. */
  readonly nextUpdate: number | undefined;
  readonly #signed: Signed;
  /** Serial numbers in hexadecimal digits. */
  readonly #revoked: ReadonlySet<string>;
  /** The key that is known to have signed it. */
  #signer: KeyObject | undefined;

  /**
   * @throws DerError for what is no list, and for lists of kinds that are not understood: those that hold only
   *   changes (§5.2.4), only some certificates (§5.2.5), or those of other issuers (§5.3.3)
   */
  constructor(der: Buffer) {
    this.#signed = readSigned(sequenceOf(der));
    if (!isAccepted(this.#signed.algorithm)) {
      throw new DerError(`it is signed with ${this.#signed.algorithm}, which is not supported`);
    }
    const fields = sequenceOf(this.#signed.signed);
    fields.optional(Tag.integer);
    demandSameAlgorithm(fields, this.#signed);
    this.issuer = fields.take(Tag.sequence).whole;
    this.thisUpdate = time(fields.next());
    const nextUpdate = fields.optional(Tag.utcTime, Tag.generalizedTime);
    this.nextUpdate = nextUpdate && time(nextUpdate);
    const revoked = fields.optional(Tag.sequence);
    this.#revoked = new Set(revoked && readEntries(new DerReader(revoked.content)));
    const extensions = fields.optional(explicit(0));
    if (extensions !== undefined) refuseCritical(new DerReader(extensions.content).enter(Tag.sequence));
  }

  /** Whether the owner of `key` has signed this list. */
  isSignedBy(key: KeyObject): boolean {
    if (this.#signer?.equals(key)) return true;
    if (!isSignedBy(this.#signed, key)) return false;
    this.#signer = key;
    return true;
  }

  /** @param serial in hexadecimal digits, as {@link serialNumber} writes them */
  hasRevoked(serial: string): boolean {
    return this.#revoked.has(serial);
  }
}

function* readEntries(entries: DerReader): Generator<string> {
  while (!entries.done) {
    const entry = entries.enter(Tag.sequence);
    yield serialNumber(entry);
    time(entry.next());
    if (!entry.done) refuseCritical(entry.enter(Tag.sequence));
  }
}

/** All critical extensions of lists and their entries change what the list says. */
function refuseCritical(extensions: DerReader): void {
  const critical = readExtensions(extensions).find((extension) => extension.critical);
  if (critical !== undefined) throw new DerError(`its critical extension ${critical.id} is not supported`);
}
