import { explain } from '@portico/codec-gbt32960';
import type { Explainer } from '@portico/core';
import { frameRows } from '@portico/frame';

/** Tells people what is in frames of GB/T 32960. */
export const gbt32960Explainer: Explainer = {
  versions: [],
  explain: (bytes, { showSecrets }) => frameRows(explain(bytes), showSecrets),
};
