import { byte, dword, type Field, type IntegerField, word } from '@portico/record';

/** An integer that stands for something physical: `raw / divisor - below` of a unit. */
export interface Quantity extends IntegerField {
  readonly divisor: number;
  /** How far below zero the scale begins, in the unit. */
  readonly below: number;
}

function quantity(number: IntegerField, divisor: number, below: number): Quantity {
  return { ...number, divisor, below };
}

/** Whether a field is described as a quantity. */
export function isQuantity(field: Field<unknown>): field is Quantity {
  return 'divisor' in field;
}

/** Without a scale, but with the numbers that say that there is no value. */
export const plainByte = quantity(byte, 1, 0);
export const plainWord = quantity(word, 1, 0);
/** Tenths: of km/h, V, A, MPa. */
export const tenths = quantity(word, 10, 0);
/** Tenths of a kilometre. */
export const tenthsLong = quantity(dword, 10, 0);
/** Hundredths: of kg or l for 100 km. */
export const hundredths = quantity(word, 100, 0);
/** Thousandths: of V. */
export const thousandths = quantity(word, 1000, 0);
/** Millionths: of a degree. */
export const millionths = quantity(dword, 1_000_000, 0);
/** °C from -40 on. */
export const celsius = quantity(byte, 1, 40);
/** Tenths of °C from -40 on. */
export const celsiusTenths = quantity(word, 10, 40);
/** Tenths of A from -1,000 on, and since 2025 from -3,000 on. */
export const current = quantity(word, 10, 1000);
export const current2025 = quantity(word, 10, 3000);
/** r/min from -20,000 on, and since 2025 from -32,000 on. */
export const rotation = quantity(word, 1, 20_000);
export const rotation2025 = quantity(word, 1, 32_000);
/** Tenths of N·m from -2,000 on, and since 2025 from -20,000 on. */
export const torque = quantity(word, 10, 2000);
export const torque2025 = quantity(dword, 10, 20_000);
