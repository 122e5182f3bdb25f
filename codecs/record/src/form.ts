import type { Field, IntegerField, Length } from './field.js';
import type { ItemsOptions } from './items.js';
import type { Shape } from './record.js';

/** What a field is made of, for whoever makes documentation, or values, of it. */
export type Form =
  | { readonly kind: 'integer'; readonly size: 1 | 2 | 4 }
  | { readonly kind: 'base64' | 'bcd' | 'text'; readonly length: Length }
  /** What another field counts or measures by itself. */
  | { readonly kind: 'derived' }
  | { readonly kind: 'bits'; readonly names: readonly string[]; readonly size: 1 | 2 | 4 }
  /** Names and how many bits each has, from the highest bit on. */
  | { readonly kind: 'packed'; readonly parts: Readonly<Record<string, number>> }
  | { readonly kind: 'record'; readonly shape: Shape }
  /** Objects whose fields stand in one. */
  | { readonly kind: 'joined'; readonly fields: readonly Field<object>[] }
  | { readonly kind: 'list'; readonly element: Field<unknown>; readonly count: string }
  | { readonly kind: 'items'; readonly options: ItemsOptions }
  | { readonly kind: 'sized'; readonly size: IntegerField; readonly field: Field<unknown> }
  /** By the edition of the standard: since which year, from the oldest on. */
  | { readonly kind: 'edition'; readonly fields: readonly (readonly [since: number, Field<unknown>])[] }
  /** By the value of a sibling. */
  | {
      readonly kind: 'choice';
      readonly by: string;
      readonly fields: ReadonlyMap<unknown, Field<unknown>>;
      readonly otherwise: Field<unknown>;
    };
