import { z } from 'zod';

/** Whether an item belongs to the list that was asked for. */
export type Test<Item> = (item: Item) => boolean;

/** A parameter of a list that leaves out items: from its text, what tests them. */
export type Condition<Item> = z.ZodType<Test<Item> | undefined>;

/** Conditions by parameter. */
type Conditions<Item> = Readonly<Record<string, Condition<Item>>>;

/** Makes the conditions of a list. */
export function conditionsOn<Item>() {
  /** @param fits whether an item belongs to the list, given the value of the parameter */
  return <Value>(
    schema: z.ZodType<Value>,
    descr: string,
    fits: (item: Item, value: Value) => boolean,
  ): Condition<Item> =>
    schema
      .transform(
        (value): Test<Item> =>
          (item) =>
            fits(item, value),
      )
      .optional()
      .describe(descr);
}

/** What fits all conditions; undefined when there are none. */
export function allOf<Item>(
  conditions: Conditions<Item>,
  query: Readonly<Record<string, unknown>>,
): Test<Item> | undefined {
  const tests = Object.keys(conditions)
    .map((name) => query[name] as Test<Item> | undefined)
    .filter((test) => test !== undefined);
  if (tests.length === 0) return undefined;
  return (item) => tests.every((test) => test(item));
}

/** What fits both, as far as they are given. */
export function bothOf<Item>(
  one: Test<Item> | undefined,
  other: Test<Item> | undefined,
): Test<Item> | undefined {
  if (one === undefined || other === undefined) return one ?? other;
  return (item) => one(item) && other(item);
}

// Values as they stand in a query

export const text = z.string();
export const integer = z
  .string()
  .regex(/^\d{1,15}$/, 'a whole number')
  .transform(Number);
export const boolean = z.enum(['true', 'false']).transform((value) => value === 'true');
