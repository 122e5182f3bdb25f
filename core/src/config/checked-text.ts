import { z } from 'zod';

/** A text in which `errorOf` finds nothing wrong; what it finds is told to the operator. */
export function checkedText(errorOf: (text: string) => string | undefined) {
  return z.string().superRefine((text, context) => {
    const message = errorOf(text);
    if (message !== undefined) context.addIssue({ code: 'custom', message, input: text });
  });
}

/** A text that `parse` makes something of, or says why not. */
export function parsedText<Value extends object>(
  parse: (text: string) => Value | { readonly error: string },
) {
  return z.string().transform((text, context): Value => {
    const parsed = parse(text);
    if (!('error' in parsed)) return parsed;
    context.addIssue({ code: 'custom', message: parsed.error });
    return z.NEVER;
  });
}
