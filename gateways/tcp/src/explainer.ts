import { explain } from '@portico/codec-tcp';
import type { Explainer } from '@portico/core';
import { frameRows } from '@portico/frame';

/** Tells people what is in frames of the private TCP protocol. */
export const tcpExplainer: Explainer = {
  versions: [],
  explain: (bytes, { showSecrets }) => frameRows(explain(bytes), showSecrets),
};
