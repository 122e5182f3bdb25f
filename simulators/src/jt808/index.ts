import { z } from 'zod';
import { HEARTBEAT_OPTION, OptionError, ROUTE_OPTION } from '../options.js';
import { defineSimulator } from '../simulator.js';
import { Terminal } from './terminal.js';

/** Digits of a phone number in the header, by edition. */
const PHONE_DIGITS = { 2013: 12, 2019: 20 } as const;

/** Terminals of commercial vehicles that move along a route and report where they are. */
export const jt808Simulator = defineSimulator({
  name: 'jt808',
  description: 'terminals of JT/T 808 that move along a route',
  port: 6207,
  udp: true,
  options: {
    edition: {
      value: 'year',
      description: 'edition of the standard: 2013 or 2019',
      default: '2013',
      schema: z
        .enum(['2013', '2019'], '2013 or 2019 is needed')
        .transform((year) => (year === '2013' ? 2013 : 2019)),
    },
    phoneFrom: {
      value: 'digits',
      description: 'phone number of the first terminal; the others have those behind it',
      default: '13900000000',
      schema: z.string().regex(/^\d{1,20}$/, 'at most 20 digits are needed'),
    },
    heartbeat: HEARTBEAT_OPTION,
    route: ROUTE_OPTION,
  },
  device({ edition, phoneFrom, devices, route, interval, heartbeat, udp }) {
    const phone = (index: number) =>
      String(BigInt(phoneFrom) + BigInt(index)).padStart(phoneFrom.length, '0');
    const digits = PHONE_DIGITS[edition];
    if (phone(devices - 1).length > digits) {
      throw new OptionError(
        `--phone-from ${phoneFrom}: phone numbers of ${edition} have ${digits} digits at most`,
      );
    }
    return (services) =>
      new Terminal({ edition, phone: phone(services.index), route, interval, heartbeat, udp }, services);
  },
});
