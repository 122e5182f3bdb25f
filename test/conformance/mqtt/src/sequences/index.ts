import type { Table } from '../sequence.js';
import { fixedHeaderTable } from './malformed/fixed-header.js';
import { lengthsTable } from './malformed/lengths.js';
import { orderTable } from './malformed/order.js';
import { propertiesTable } from './malformed/properties.js';
import { reasonCodesTable } from './malformed/reason-codes.js';
import { stringsTable } from './malformed/strings.js';

/** What no client may send, whatever it is about. */
export const MALFORMED_TABLES: readonly Table[] = [
  fixedHeaderTable,
  lengthsTable,
  propertiesTable,
  reasonCodesTable,
  orderTable,
];

/** Text, right and wrong. */
export const STRING_TABLES: readonly Table[] = [stringsTable];
