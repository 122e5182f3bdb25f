import { playTables } from './play-tables.js';
import { STRING_TABLES } from './sequences/index.js';

playTables(STRING_TABLES);
