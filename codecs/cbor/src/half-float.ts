const SCRATCH = new DataView(new ArrayBuffer(4));

/** Smallest normal number of binary16. */
const MIN_NORMAL = 2 ** -14;
/** Distance of its subnormal numbers. */
const SUBNORMAL = 2 ** -24;
const INFINITE = 0x7c00;
const NOT_A_NUMBER = 0x7e00;

/** The number that the 16 bits of an IEEE 754 binary16 stand for, RFC 8949 appendix D. */
export function fromHalf(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * SUBNORMAL;
  if (exponent === 0x1f) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/** The bits of an IEEE 754 binary16; undefined when the number is none. */
export function toHalf(value: number): number | undefined {
  if (Number.isNaN(value)) return NOT_A_NUMBER;
  const sign = value < 0 || Object.is(value, -0) ? 0x8000 : 0;
  const magnitude = Math.abs(value);
  if (magnitude === Number.POSITIVE_INFINITY) return sign | INFINITE;
  const bits = magnitude < MIN_NORMAL ? magnitude / SUBNORMAL : normal(magnitude);
  return Number.isInteger(bits) && fromHalf(bits) === magnitude ? sign | bits : undefined;
}

/** Exponent and as much of the fraction as there is room for. */
function normal(magnitude: number): number {
  SCRATCH.setFloat32(0, magnitude);
  const single = SCRATCH.getUint32(0);
  const exponent = (single >> 23) - 127 + 15;
  return exponent > 30 ? NOT_A_NUMBER : (exponent << 10) | ((single >> 13) & 0x3ff);
}
