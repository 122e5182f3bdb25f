import { localTimeText } from '@portico/core/base';

/** How {@link untilOf} is told a time. */
export const UNTIL_FORMS = 'seconds since 1970, 2026-12-31T18:00, or infinity';

/** @returns seconds since 1970, or `infinity`; undefined for a text that is no time */
export function untilOf(text: string): number | 'infinity' | undefined {
  if (text === 'infinity') return text;
  if (/^\d+$/.test(text)) return Number(text);
  const time = Date.parse(text);
  return Number.isNaN(time) ? undefined : Math.floor(time / 1000);
}

/** A time in seconds since 1970, for people. */
export function secondsText(seconds: unknown): string {
  return localTimeText(new Date(Number(seconds) * 1000));
}
