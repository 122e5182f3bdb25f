import { playTables } from './play-tables.js';
import { BEHAVIOUR_TABLES } from './sequences/index.js';

playTables(BEHAVIOUR_TABLES);
