import { explain, type ProtocolVersion } from '@portico/codec-mqtt';
import type { Explainer } from '@portico/core';
import { frameRows } from '@portico/frame';

const VERSIONS: readonly ProtocolVersion[] = [4, 5, 3];

/** Tells people what is in packets of MQTT. A CONNECT tells its version, other packets do not. */
export const mqttExplainer: Explainer = {
  versions: VERSIONS.map(String),
  explain(bytes, { version: named, showSecrets }) {
    const version = VERSIONS.find((each) => String(each) === named) ?? 4;
    return frameRows(explain(bytes, { version }), showSecrets);
  },
};
