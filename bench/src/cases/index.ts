import type { Case } from './case.js';
import { coapCases } from './coap.js';
import { gbt32960Cases } from './gbt32960.js';
import { jt808Cases } from './jt808.js';
import { lwm2mCases } from './lwm2m.js';
import { mqttCases } from './mqtt.js';
import { mqttSnCases } from './mqttsn.js';
import { stompCases } from './stomp.js';

/** All that `make bench` measures, in the order of the report. */
export const CASES: readonly Case[] = [
  ...mqttCases,
  ...mqttSnCases,
  ...coapCases,
  ...stompCases,
  ...lwm2mCases,
  ...jt808Cases,
  ...gbt32960Cases,
];
