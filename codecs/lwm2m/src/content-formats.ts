/**
 * What the specification asks of a client: `one` is at least one of those so marked, `later` one that only clients
 * of a later version know.
 */
export type ClientSupport = 'must' | 'one' | 'may' | 'legacy' | 'later';

/** A content format in which values or links of LwM2M travel (LwM2M 1.1.1 Core §7.4). */
export interface Lwm2mContentFormat {
  /** Its number in CoAP. */
  readonly number: number;
  readonly mediaType: string;
  /** How LwM2M calls it. */
  readonly name: string;
  /** Whether a payload holds one value, several values by their paths, or links. */
  readonly holds: 'value' | 'values' | 'links';
  /** Whether it can hold values of several objects, as Send and the composite operations need it. */
  readonly composite: boolean;
  /** Of a client of 1.0 (LwM2M 1.0.2 §6.4). */
  readonly client10: ClientSupport;
  /** Of a client of 1.1 (LwM2M 1.1.1 Core §7.4). */
  readonly client11: ClientSupport;
  /** Of a client of 1.2 (LwM2M 1.2 Core §7.4). */
  readonly client12: ClientSupport;
}

/** Numbers of {@link CONTENT_FORMATS}. */
export const Lwm2mFormat = {
  Text: 0,
  Link: 40,
  Opaque: 42,
  Cbor: 60,
  SenmlJson: 110,
  SenmlCbor: 112,
  Tlv: 11542,
  Json: 11543,
  Lwm2mCbor: 11544,
} as const;

type Row = readonly [
  number: number,
  mediaType: string,
  name: string,
  holds: Lwm2mContentFormat['holds'],
  composite: boolean,
  client10: ClientSupport,
  client11: ClientSupport,
  client12: ClientSupport,
];

const ROWS: readonly Row[] = [
  [Lwm2mFormat.Text, 'text/plain', 'Plain Text', 'value', false, 'must', 'must', 'must'],
  [Lwm2mFormat.Link, 'application/link-format', 'CoRE Link', 'links', false, 'must', 'must', 'must'],
  [Lwm2mFormat.Opaque, 'application/octet-stream', 'Opaque', 'value', false, 'must', 'must', 'must'],
  [Lwm2mFormat.Cbor, 'application/cbor', 'CBOR', 'value', false, 'later', 'may', 'may'],
  [Lwm2mFormat.SenmlJson, 'application/senml+json', 'SenML JSON', 'values', true, 'later', 'one', 'one'],
  [Lwm2mFormat.SenmlCbor, 'application/senml+cbor', 'SenML CBOR', 'values', true, 'later', 'one', 'one'],
  [Lwm2mFormat.Tlv, 'application/vnd.oma.lwm2m+tlv', 'TLV', 'values', false, 'must', 'legacy', 'legacy'],
  [
    Lwm2mFormat.Json,
    'application/vnd.oma.lwm2m+json',
    'LwM2M JSON',
    'values',
    false,
    'may',
    'legacy',
    'legacy',
  ],
  [
    Lwm2mFormat.Lwm2mCbor,
    'application/vnd.oma.lwm2m+cbor',
    'LwM2M CBOR',
    'values',
    true,
    'later',
    'later',
    'may',
  ],
];

/** All that this codec knows, by number; a server has to know them all (LwM2M 1.2 Core §7.4). */
export const CONTENT_FORMATS: ReadonlyMap<number, Lwm2mContentFormat> = new Map(
  ROWS.map(([number, mediaType, name, holds, composite, client10, client11, client12]) => [
    number,
    { number, mediaType, name, holds, composite, client10, client11, client12 },
  ]),
);

/** How LwM2M calls a content format: `SenML CBOR`; its number where this codec does not know it. */
export function contentFormatName(number: number): string {
  return CONTENT_FORMATS.get(number)?.name ?? String(number);
}
