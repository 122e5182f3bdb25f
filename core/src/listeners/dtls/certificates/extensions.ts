import { boolean, DerReader, objectIdentifier, sequenceOf, smallInteger, Tag } from './der.js';

/** One extension of a certificate or a revocation list, RFC 5280 §4.2. */
export interface Extension {
  readonly id: string;
  readonly critical: boolean;
  /** DER of what the extension says. */
  readonly value: Buffer;
}

/** The extensions in a SEQUENCE of them. @throws DerError */
export function readExtensions(extensions: DerReader): Extension[] {
  const list: Extension[] = [];
  while (!extensions.done) {
    const fields = extensions.enter(Tag.sequence);
    const id = objectIdentifier(fields.take(Tag.objectIdentifier));
    const critical = fields.optional(Tag.boolean);
    const { content } = fields.take(Tag.octetString);
    fields.end();
    list.push({ id, critical: critical !== undefined && boolean(critical), value: content });
  }
  return list;
}

/** Bits of the key usage, RFC 5280 §4.2.1.3, as they stand in the first byte. */
export const KeyUsage = { digitalSignature: 0x80, keyCertSign: 0x04, cRLSign: 0x02 } as const;

/** Purposes of the extended key usage, RFC 5280 §4.2.1.12. */
export const Purpose = {
  any: '2.5.29.37.0',
  serverAuth: '1.3.6.1.5.5.7.3.1',
  clientAuth: '1.3.6.1.5.5.7.3.2',
} as const;

/** What the extensions of a certificate say that decides whether a path may lead over it. */
export interface Constraints {
  /** Whether it may sign certificates, §4.2.1.9. */
  readonly ca: boolean;
  /** How many authorities may stand below it; undefined for any number. */
  readonly pathLength: number | undefined;
  /** Bits of {@link KeyUsage}; undefined for all. */
  readonly keyUsage: number | undefined;
  /** Object identifiers; undefined for all. */
  readonly purposes: readonly string[] | undefined;
  /** Extensions that limit what it is good for in ways that are not understood here. */
  readonly unsupported: readonly string[];
}

const BASIC_CONSTRAINTS = '2.5.29.19';
const KEY_USAGE = '2.5.29.15';
const EXTENDED_KEY_USAGE = '2.5.29.37';
const NAME_CONSTRAINTS = '2.5.29.30';

/** Extensions that may be critical: those read below, and those that limit nothing where no policy is asked for. */
const UNDERSTOOD: ReadonlySet<string> = new Set([
  BASIC_CONSTRAINTS,
  KEY_USAGE,
  EXTENDED_KEY_USAGE,
  /** subjectAltName */ '2.5.29.17',
  /** certificatePolicies */ '2.5.29.32',
  /** cRLDistributionPoints */ '2.5.29.31',
]);

/** @throws DerError when an extension is not what its name says */
export function constraintsOf(extensions: readonly Extension[]): Constraints {
  const find = (wanted: string) => extensions.find(({ id }) => id === wanted)?.value;
  const basic = find(BASIC_CONSTRAINTS);
  const usage = find(KEY_USAGE);
  const purposes = find(EXTENDED_KEY_USAGE);
  return {
    ...(basic === undefined ? { ca: false, pathLength: undefined } : basicConstraints(basic)),
    keyUsage: usage && keyUsage(usage),
    purposes: purposes && objectIdentifiers(purposes),
    unsupported: extensions
      .filter(({ id, critical }) => id === NAME_CONSTRAINTS || (critical && !UNDERSTOOD.has(id)))
      .map(({ id }) => id),
  };
}

function basicConstraints(value: Buffer): Pick<Constraints, 'ca' | 'pathLength'> {
  const fields = sequenceOf(value);
  const ca = fields.optional(Tag.boolean);
  const pathLength = fields.optional(Tag.integer);
  fields.end();
  return { ca: ca !== undefined && boolean(ca), pathLength: pathLength && smallInteger(pathLength) };
}

/** A BIT STRING; its first byte says how many of the last bits do not count. */
function keyUsage(value: Buffer): number {
  return new DerReader(value).take(Tag.bitString).content[1] ?? 0;
}

function objectIdentifiers(value: Buffer): string[] {
  const elements = sequenceOf(value);
  const identifiers: string[] = [];
  while (!elements.done) identifiers.push(objectIdentifier(elements.take(Tag.objectIdentifier)));
  return identifiers;
}
