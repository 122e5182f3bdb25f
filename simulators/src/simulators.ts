import { gbt32960Simulator } from './gbt32960/index.js';
import { jt808Simulator } from './jt808/index.js';
import { mqttSimulator } from './mqtt/index.js';
import type { Simulator } from './simulator.js';

/** The simulators that there are. One more is a folder with its description, and its line here. */
export const SIMULATORS: readonly Simulator[] = [jt808Simulator, gbt32960Simulator, mqttSimulator];
