/** Values as CBOR has them, LwM2M 1.1.1 Core appendix C. */

import { CborTag, type CborValue } from '@portico/codec-cbor';
import type { ResourceType } from '../model/types.js';
import { fitValue, formatValue, isObjectLink, type Lwm2mValue, parseObjectLink } from '../value.js';

/** Tag of an array of exponent and mantissa to the base 10, RFC 8949 §3.4.4. */
const DECIMAL_FRACTION = 4;
/** Tag of seconds since 1970, RFC 8949 §3.4.2. */
const EPOCH_TIME = 1;
/** Beyond it a float has no use for an exponent. */
const MAX_EXPONENT = 400;
/** Date and time as text, RFC 3339, which 1.1 asks for in Time. */
const DATE_TIME = /^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:[Zz]|[+-]\d\d:\d\d)$/;

/**
 * A data item without its tags, which say nothing that the type of the resource does not, but for the one of
 * decimal fractions.
 * @returns undefined when it is none of the values of LwM2M
 */
export function valueOfItem(item: CborValue): Lwm2mValue | null | undefined {
  let bare = item;
  while (bare instanceof CborTag) {
    if (bare.tag === DECIMAL_FRACTION) return decimalFraction(bare.value);
    bare = bare.value;
  }
  if (bare === null || typeof bare !== 'object') return bare;
  return Buffer.isBuffer(bare) ? bare : undefined;
}

function decimalFraction(item: CborValue): number | undefined {
  const [exponent, mantissa, ...rest] = Array.isArray(item) ? (item as readonly CborValue[]) : [];
  if (typeof exponent !== 'number' || !Number.isInteger(exponent) || Math.abs(exponent) > MAX_EXPONENT) {
    return undefined;
  }
  if ((typeof mantissa !== 'number' && typeof mantissa !== 'bigint') || rest.length > 0) return undefined;
  const value = Number(`${mantissa}e${exponent}`);
  return Number.isFinite(value) ? value : undefined;
}

/** As `fitValue`, with Time as text, and Objlnk as text. */
export function fitItem(type: ResourceType, value: Lwm2mValue): Lwm2mValue | undefined {
  if (typeof value === 'string' && type === 'time') return secondsOf(value);
  if (typeof value === 'string' && type === 'objlnk') return parseObjectLink(value);
  return fitValue(type, value);
}

function secondsOf(text: string): number | undefined {
  const milliseconds = DATE_TIME.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(milliseconds) ? undefined : Math.floor(milliseconds / 1000);
}

/** @param value one of the type; Time is seconds with their tag, which clients of every version read */
export function itemOfValue(type: ResourceType, value: Lwm2mValue): CborValue {
  if (isObjectLink(value)) return formatValue(value);
  return type === 'time' ? new CborTag(EPOCH_TIME, value) : value;
}
