import { ContentFormat } from '@portico/codec-coap';
import type { CompositeFormat, Lwm2mPath, TypedNode } from '@portico/codec-lwm2m';
import { speaks } from '../registration.js';
import type { DeviceProfile } from './device-profile.js';

/** Formats that hold any number of values, best first. */
const STRUCTURED = [
  ContentFormat.SenmlCbor,
  ContentFormat.SenmlJson,
  ContentFormat.Lwm2mTlv,
  ContentFormat.Lwm2mJson,
] as const;

/** Formats of composite operations, LwM2M 1.2 §7.4. */
const SENML = [ContentFormat.SenmlCbor, ContentFormat.SenmlJson] as const;

/**
 * The format of what is written. TLV for LwM2M 1.0, and where a later device does not say what it takes; else the best
 * that it names. One that names no structured format gets a single value by itself, where it is what the path is of.
 * @param path of the request
 */
export function writeFormat(device: DeviceProfile, path: Lwm2mPath, nodes: readonly TypedNode[]): number {
  const chosen = named(device, STRUCTURED);
  if (chosen !== undefined) return chosen;
  const [first] = nodes;
  if (first?.path.length !== path.length) return ContentFormat.Lwm2mTlv;
  const plain = first.type === 'opaque' ? ContentFormat.OctetStream : ContentFormat.TextPlain;
  return named(device, [ContentFormat.Cbor, plain]) ?? ContentFormat.Lwm2mTlv;
}

/** Accept of a Read or Observe; undefined where the device chooses: LwM2M 1.0, and one that names no format. */
export function readFormat(device: DeviceProfile): number | undefined {
  return named(device, STRUCTURED);
}

/** The format of composite requests and their answers; JSON where the device does not say what it takes. */
export function compositeFormat(device: DeviceProfile): CompositeFormat {
  return named(device, SENML) ?? ContentFormat.SenmlJson;
}

function named<Format extends number>(device: DeviceProfile, formats: readonly Format[]): Format | undefined {
  if (!speaks(device, '1.1')) return undefined;
  return formats.find((format) => device.contentFormats.includes(format));
}
