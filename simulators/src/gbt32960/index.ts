import { z } from 'zod';
import { HEARTBEAT_OPTION, OptionError, ROUTE_OPTION } from '../options.js';
import { defineSimulator } from '../simulator.js';
import { Vehicle } from './vehicle.js';

/** Seventeen characters, with the number at their end that is counted up. */
const VIN = /^(?=.{17}$)([A-Z0-9]*?)(\d+)$/;

/** Electric vehicles that move along a route and report all that they are to report. */
export const gbt32960Simulator = defineSimulator({
  name: 'gbt32960',
  description: 'electric vehicles of GB/T 32960 that move along a route',
  port: 7325,
  options: {
    edition: {
      value: 'year',
      description: 'edition of the standard: 2016 or 2025',
      default: '2016',
      schema: z
        .enum(['2016', '2025'], '2016 or 2025 is needed')
        .transform((year) => (year === '2016' ? 2016 : 2025)),
    },
    vinFrom: {
      value: 'vin',
      description: 'VIN of the first vehicle; the others have those behind it',
      default: 'LTEST000000000001',
      schema: z.string().regex(VIN, '17 capital letters and digits are needed, with a digit at the end'),
    },
    heartbeat: HEARTBEAT_OPTION,
    route: ROUTE_OPTION,
  },
  device({ edition, vinFrom, devices, route, interval, heartbeat }) {
    const [, maker = '', first = ''] = VIN.exec(vinFrom) ?? [];
    const vin = (index: number) => maker + String(BigInt(first) + BigInt(index)).padStart(first.length, '0');
    if (vin(devices - 1).length > vinFrom.length) {
      throw new OptionError(`--vin-from ${vinFrom}: its last digits cannot be counted up ${devices} times`);
    }
    return (services) =>
      new Vehicle({ edition, vin: vin(services.index), route, interval, heartbeat }, services);
  },
});
