import type { Case } from './case.js';
import { coapCases } from './coap.js';
import { mqttCases } from './mqtt.js';

/** All that `make bench` measures, in the order of the report. */
export const CASES: readonly Case[] = [...mqttCases, ...coapCases];
