import { transmissionParameters } from '@portico/coap-endpoint';
import type { ListenerConfig, ListenerFault } from '@portico/core';
import type { CoapConfig } from './config.js';

/**
 * A listener must not forget a peer before its client is pinged and, if there is no answer, given up: its
 * observations would end without a word. Without a keepalive nobody is pinged, and it may forget whom it likes.
 */
export function checkListener(config: CoapConfig, listener: ListenerConfig): ListenerFault | undefined {
  const { keepalive } = config;
  const idle = 'idle_timeout' in listener ? listener.idle_timeout : 0;
  if (keepalive === 0 || idle === 0) return undefined;
  const { maxTransmitWait } = transmissionParameters(config);
  const least = keepalive + maxTransmitWait;
  if (idle >= least) return undefined;
  return {
    key: 'idle_timeout',
    reason: `shorter (${seconds(idle)}) than keepalive (${seconds(keepalive)}) and the time after which an unanswered ping is given up (${seconds(maxTransmitWait)}): at least ${seconds(least)}, or 0 for never`,
  };
}

function seconds(milliseconds: number): string {
  return `${Math.ceil(milliseconds) / 1000}s`;
}
