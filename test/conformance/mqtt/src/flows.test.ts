import { playTables } from './play-tables.js';
import { FLOW_TABLES } from './sequences/index.js';

playTables(FLOW_TABLES);
