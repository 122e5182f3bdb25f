/** The LwM2M gateway. */
export type { Device, DeviceChannel, UplinkTopic } from './device.js';
export type { DeviceManagement, Manager, Registered, RegistrationEnd } from './management.js';
