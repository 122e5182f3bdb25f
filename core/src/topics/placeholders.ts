/**
 * Topic templates of the configuration (mountpoints, topics of gateways): `%c` client id, `%u` username, `%a`
 * IP address of the peer, `%%` a percent sign, and what letters a gateway adds of its own.
 *
 * What is filled in comes from the device, so it may not change the shape of the topic: a device must stay in
 * the branch that the template gives it.
 */

/** The letters that have a value for every client. */
export const CLIENT_LETTERS = 'cua';

const PLACEHOLDER = /%(.?)/gs;

/** Characters with a meaning in topics and filters, MQTT 5 §4.7. */
const RESERVED = ['/', '+', '#', '\0'];

const NAMES: Readonly<Record<string, string>> = { c: 'client id', u: 'username', a: 'IP address' };

export type FilledTopic = { readonly topic: string } | { readonly error: string };

/**
 * Fills in a template that {@link placeholderError} has found right.
 *
 * @param values by letter; `{ c: 'client id' }`
 * @returns an error, in words that a device may be told, when a placeholder has no value or an empty one,
 *   when a value contains `/`, `+`, `#` or NUL, or when a value would move the topic into a `$` branch
 */
export function fillTopic(
  template: string,
  values: Readonly<Record<string, string | undefined>>,
): FilledTopic {
  if (!template.includes('%')) return { topic: template };
  let topic = '';
  let end = 0;
  for (const match of template.matchAll(PLACEHOLDER)) {
    const letter = match[1] as string;
    const value = letter === '%' ? '%' : values[letter];
    const error = valueError(letter, value);
    if (error !== undefined) return { error };
    topic += template.slice(end, match.index) + value;
    end = match.index + match[0].length;
  }
  topic += template.slice(end);
  if (topic.startsWith('$') && !template.startsWith('$')) return { error: 'the topic begins with $' };
  return { topic };
}

function valueError(letter: string, value: string | undefined): string | undefined {
  const name = NAMES[letter] ?? `%${letter}`;
  if (value === undefined || value === '') return `the ${name} is missing`;
  const reserved = RESERVED.find((character) => value.includes(character));
  return reserved === undefined ? undefined : `the ${name} contains ${JSON.stringify(reserved)}`;
}

/**
 * Why a template is wrong, for the check of the configuration; undefined when it is right.
 *
 * @param letters those that will have a value, such as {@link CLIENT_LETTERS}
 */
export function placeholderError(template: string, letters: string): string | undefined {
  for (const [placeholder, letter] of template.matchAll(PLACEHOLDER)) {
    if (letter === '') return 'a percent sign is written %%';
    if (letter !== '%' && !letters.includes(letter as string)) {
      return `${placeholder} is not a placeholder here; there are ${listOf(letters)}`;
    }
  }
  return undefined;
}

function listOf(letters: string): string {
  return [...letters].map((letter) => `%${letter}`).join(' ');
}
