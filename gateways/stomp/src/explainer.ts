import { explain, VERSIONS } from '@portico/codec-stomp';
import type { Explainer } from '@portico/core';
import { frameRows } from '@portico/frame';

/** Tells people what is in frames of STOMP. CONNECT and CONNECTED tell their version, other frames do not. */
export const stompExplainer: Explainer = {
  versions: VERSIONS.toReversed(),
  explain(bytes, { version: named, showSecrets }) {
    const version = VERSIONS.find((each) => each === named) ?? '1.2';
    return frameRows(explain(bytes, { version }), showSecrets);
  },
};
