import { type Edition, explain } from '@portico/codec-jt808';
import type { Explainer } from '@portico/core';
import { frameRows } from '@portico/frame';

const EDITIONS: readonly Edition[] = [2013, 2019, 2011];

/** Tells people what is in frames of JT/T 808. Without an edition, each frame is read by the one that it looks like. */
export const jt808Explainer: Explainer = {
  versions: EDITIONS.map(String),
  explain(bytes, { version, showSecrets }) {
    const edition = EDITIONS.find((each) => String(each) === version);
    return frameRows(explain(bytes, edition === undefined ? {} : { edition }), showSecrets);
  },
};
