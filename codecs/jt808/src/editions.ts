import type { Jt808Frame } from './frame.js';

/** Editions of JT/T 808, by year. */
export type Edition = 2011 | 2013 | 2019;

const REGISTRATION = 0x0100;
const DRIVER = 0x0702;

/** Bytes of a registration before the plate, the colour of the plate the last of them. */
const REGISTRATION_2013 = 37;
const REGISTRATION_2019 = 76;

/** The highest status of a driver's card since 2013; before, the length of the driver's name stood in its place. */
const LAST_CARD_STATUS = 2;

/**
 * The edition by which a body is to be read: the header does not tell 2011 from 2013, and some terminals have the header
 * of 2019 before bodies of 2013. Registrations tell by their length.
 */
export function editionOfBody({ header, edition, body }: Jt808Frame): Edition {
  if (header.msg_id === REGISTRATION) return editionOfRegistration(body, edition);
  const isOldDriver = header.msg_id === DRIVER && edition === 2013 && (body[0] ?? 0) > LAST_CARD_STATUS;
  return isOldDriver ? 2011 : edition;
}

function editionOfRegistration(body: Buffer, told: Edition): Edition {
  if (told === 2019 && body.length >= REGISTRATION_2019) return 2019;
  if (body.length < REGISTRATION_2013) return 2011;
  return isOfVin(body[REGISTRATION_2013 - 1] as number) ? 2011 : 2013;
}

/** Whether a byte is of a vehicle identification number, which no colour is. */
function isOfVin(byte: number): boolean {
  return (byte >= 0x30 && byte <= 0x39) || (byte >= 0x41 && byte <= 0x5a);
}
