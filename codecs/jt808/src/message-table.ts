import { COLLECTION_MESSAGES } from './messages/collection.js';
import { DATA_MESSAGES } from './messages/data.js';
import { INFORMATION_MESSAGES } from './messages/information.js';
import { LOCATION_MESSAGES } from './messages/location.js';
import { MULTIMEDIA_MESSAGES } from './messages/multimedia.js';
import type { MessageRow } from './messages/row.js';
import { TERMINAL_MESSAGES } from './messages/terminal.js';
import { VEHICLE_MESSAGES } from './messages/vehicle.js';
import { VIDEO_MESSAGES } from './messages/video.js';

/** All messages that are known, by id. */
export const MESSAGES: ReadonlyMap<number, MessageRow> = new Map(
  [
    TERMINAL_MESSAGES,
    LOCATION_MESSAGES,
    INFORMATION_MESSAGES,
    VEHICLE_MESSAGES,
    COLLECTION_MESSAGES,
    MULTIMEDIA_MESSAGES,
    DATA_MESSAGES,
    VIDEO_MESSAGES,
  ]
    .flat()
    .sort((a, b) => a.id - b.id)
    .map((row) => [row.id, row]),
);
