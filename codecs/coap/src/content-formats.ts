/** Content-Format numbers, RFC 7252 §12.3 and the registry that it founded. */

/** Numbers that programs name. */
export const ContentFormat = {
  TextPlain: 0,
  LinkFormat: 40,
  OctetStream: 42,
  Json: 50,
  Cbor: 60,
  SenmlJson: 110,
  SenmlCbor: 112,
  /** The number that draft-ietf-core-coap-pubsub asks for. */
  PubsubCbor: 606,
  Lwm2mTlv: 11542,
  Lwm2mJson: 11543,
} as const;

const MEDIA_TYPES: ReadonlyMap<number, string> = new Map([
  [0, 'text/plain;charset=utf-8'],
  [16, 'application/cose;cose-type="cose-encrypt0"'],
  [17, 'application/cose;cose-type="cose-mac0"'],
  [18, 'application/cose;cose-type="cose-sign1"'],
  [19, 'application/ace+cbor'],
  [21, 'image/gif'],
  [22, 'image/jpeg'],
  [23, 'image/png'],
  [40, 'application/link-format'],
  [41, 'application/xml'],
  [42, 'application/octet-stream'],
  [47, 'application/exi'],
  [50, 'application/json'],
  [51, 'application/json-patch+json'],
  [52, 'application/merge-patch+json'],
  [60, 'application/cbor'],
  [61, 'application/cwt'],
  [62, 'application/multipart-core'],
  [63, 'application/cbor-seq'],
  [96, 'application/cose;cose-type="cose-encrypt"'],
  [97, 'application/cose;cose-type="cose-mac"'],
  [98, 'application/cose;cose-type="cose-sign"'],
  [101, 'application/cose-key'],
  [102, 'application/cose-key-set'],
  [110, 'application/senml+json'],
  [111, 'application/sensml+json'],
  [112, 'application/senml+cbor'],
  [113, 'application/sensml+cbor'],
  [114, 'application/senml-exi'],
  [115, 'application/sensml-exi'],
  [256, 'application/coap-group+json'],
  [310, 'application/senml+xml'],
  [311, 'application/sensml+xml'],
  [320, 'application/senml-etch+json'],
  [322, 'application/senml-etch+cbor'],
  [432, 'application/td+json'],
  [606, 'application/core-pubsub+cbor'],
  [11542, 'application/vnd.oma.lwm2m+tlv'],
  [11543, 'application/vnd.oma.lwm2m+json'],
  [11544, 'application/vnd.oma.lwm2m+cbor'],
]);

/** Media type of a number, with its parameters; undefined for one that the codec does not know. */
export function mediaType(contentFormat: number): string | undefined {
  return MEDIA_TYPES.get(contentFormat);
}

const NUMBERS: ReadonlyMap<string, number> = new Map([
  ['text/plain', 0],
  ...[...MEDIA_TYPES].map(([number, type]): [string, number] => [plainType(type), number]),
]);

/** Longer media types have no number. */
const LONGEST = Math.max(...[...NUMBERS.keys()].map((type) => type.length)) + 16;

/** Case and the spaces around parameters do not matter, RFC 9110 §8.3.1. */
function plainType(type: string): string {
  return type.toLowerCase().replaceAll(' ', '');
}

/** Number of a media type, with or without the charset of plain text; undefined where there is none. */
export function contentFormatOf(type: string): number | undefined {
  return type.length > LONGEST ? undefined : NUMBERS.get(plainType(type));
}
