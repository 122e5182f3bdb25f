import type { Table } from '../sequence.js';
import { publishTable } from './publish.js';

/** All sequences of the suite. */
export const TABLES: readonly Table[] = [publishTable];
