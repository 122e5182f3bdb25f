import { explain } from '@portico/codec-mqtt-sn';
import type { Explainer } from '@portico/core';
import { frameRows } from '@portico/frame';

/** Tells people what is in frames of MQTT-SN. */
export const snExplainer: Explainer = {
  versions: [],
  explain: (bytes, { showSecrets }) => frameRows(explain(bytes), showSecrets),
};
