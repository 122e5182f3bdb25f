import { playTables } from './play-tables.js';
import { MALFORMED_TABLES } from './sequences/index.js';

playTables(MALFORMED_TABLES);
