import { BufferSink } from '@portico/frame';
import {
  type Field,
  flag,
  list,
  opaqueVector,
  rest,
  struct,
  uint8,
  uint16,
  type ValueOf,
  vectorOf,
} from '../wire/fields.js';

/** A host name in a server_name extension has the type 0 (RFC 6066 §3). */
export const HOST_NAME = 0;
/** Certificate types (RFC 7250 §3, RFC 6091 §3). */
export const CERTIFICATE_TYPES = { x509: 0, rawPublicKey: 2 } as const;
/** The point format that all have to support (RFC 8422 §5.1.2). */
export const UNCOMPRESSED = 0;
/** In the place of a renegotiation_info extension (RFC 5746 §3.3). */
export const EMPTY_RENEGOTIATION_INFO_SCSV = 0x00ff;

/** One row for each extension: its number, and what is inside. */
type ExtensionTable = Readonly<Record<string, { readonly id: number; readonly content: Field<unknown> }>>;

/** Of the extensions in a table, those that a message has. */
export type ExtensionsOf<T extends ExtensionTable> = {
  readonly [K in keyof T]?: ValueOf<T[K]['content']> | undefined;
};

const serverNames = list(struct({ type: uint8, name: opaqueVector({ min: 1, max: 2 ** 16 - 1 }) }), {
  min: 1,
  max: 2 ** 16 - 1,
});
const octets = opaqueVector({ min: 1, max: 255 });
const pairs = list(uint16, { min: 2, max: 2 ** 16 - 2 });
const optionalOctets = opaqueVector({ min: 0, max: 255 });

/**
 * Extensions of a ClientHello. RFC 6066 §3, RFC 8422 §5.1, RFC 5246 §7.4.1.4.1, RFC 7250 §3, RFC 7627 §5.1, RFC 9146 §3,
 * RFC 9853 §4, RFC 5746 §3.2.
 */
export const CLIENT_EXTENSIONS = {
  serverNames: { id: 0, content: serverNames },
  supportedGroups: { id: 10, content: pairs },
  ecPointFormats: { id: 11, content: octets },
  signatureAlgorithms: { id: 13, content: pairs },
  clientCertificateTypes: { id: 19, content: octets },
  serverCertificateTypes: { id: 20, content: octets },
  extendedMasterSecret: { id: 23, content: flag },
  connectionId: { id: 54, content: optionalOctets },
  returnRoutabilityCheck: { id: 61, content: flag },
  renegotiationInfo: { id: 0xff01, content: optionalOctets },
} as const satisfies ExtensionTable;

/** Extensions of a ServerHello, from the same sources. */
export const SERVER_EXTENSIONS = {
  serverName: { id: 0, content: flag },
  ecPointFormats: { id: 11, content: octets },
  clientCertificateType: { id: 19, content: uint8 },
  serverCertificateType: { id: 20, content: uint8 },
  extendedMasterSecret: { id: 23, content: flag },
  connectionId: { id: 54, content: optionalOctets },
  returnRoutabilityCheck: { id: 61, content: flag },
  renegotiationInfo: { id: 0xff01, content: optionalOctets },
} as const satisfies ExtensionTable;

export type ClientExtensions = ExtensionsOf<typeof CLIENT_EXTENSIONS>;
export type ServerExtensions = ExtensionsOf<typeof SERVER_EXTENSIONS>;

const extensionData = opaqueVector({ min: 0, max: 2 ** 16 - 1 });

/**
 * The extensions at the end of a hello; none where the message ends (RFC 5246 §7.4.1.2).
 * @param unknown what becomes of those that the table does not have: a server ignores them, a client has not asked for
 *   them
 */
export function extensionsIn<T extends ExtensionTable>(
  table: T,
  unknown: 'ignore' | 'refuse',
): Field<ExtensionsOf<T>> {
  const rows = Object.entries(table);
  const nameOf = new Map(rows.map(([name, { id }]) => [id, name]));
  const block = vectorOf<ExtensionsOf<T>>(
    {
      read(reader) {
        const values: Record<string, unknown> = {};
        const seen = new Set<number>();
        while (reader.left > 0) {
          const id = reader.uint(2);
          if (seen.has(id)) reader.refuse('illegal_parameter', `two extensions ${id}`);
          seen.add(id);
          const name = nameOf.get(id);
          if (name === undefined && unknown === 'refuse') {
            reader.refuse('unsupported_extension', `an extension ${id} that was not asked for`);
          }
          const data = reader.part(reader.uint(2));
          if (name === undefined) continue;
          values[name] = (table[name] as T[string]).content.read(data);
          if (data.left > 0) data.refuse('decode_error', `${data.left} bytes too many in extension ${id}`);
        }
        return values as ExtensionsOf<T>;
      },
      write(sink, values) {
        for (const [name, { id, content }] of rows) {
          const value = values[name];
          if (value === undefined) continue;
          const inner = new BufferSink();
          content.write(inner, value);
          uint16.write(sink, id);
          extensionData.write(sink, inner.take());
        }
      },
    },
    { min: 0, max: 2 ** 16 - 1 },
  );
  return {
    read: (reader) => (reader.left === 0 ? {} : block.read(reader)),
    write(sink, values) {
      const inner = new BufferSink();
      block.write(inner, values);
      if (inner.length > 2) rest.write(sink, inner.take());
    },
  };
}
