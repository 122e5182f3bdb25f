import { localTimeText } from '@portico/core/base';

/** A time in seconds since 1970, for people. */
export function secondsText(seconds: unknown): string {
  return localTimeText(new Date(Number(seconds) * 1000));
}
