import { playTables } from './play-tables.js';
import { PROPERTY_TABLES } from './sequences/index.js';

playTables(PROPERTY_TABLES);
