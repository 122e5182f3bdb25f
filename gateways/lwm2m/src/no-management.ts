import type { DeviceManagement, Manager } from './management.js';

const UNMANAGED: DeviceManagement = {
  accept: () => false,
  registered() {},
  updated() {},
  heard() {},
  notified() {},
  ended() {},
  stop() {},
};

/** Takes no commands, and observes nothing. */
export const NO_MANAGEMENT: Manager = {
  manage: () => UNMANAGED,
  restore: () => UNMANAGED,
  observer: () => undefined,
};
