import { playTables } from './play-tables.js';
import { V5_TABLES } from './sequences/v5/index.js';

playTables(V5_TABLES);
