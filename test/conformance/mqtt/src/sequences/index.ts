import type { Table } from '../sequence.js';
import { acrossVersionsTable } from './behaviour/across-versions.js';
import { authenticatingTable } from './behaviour/authenticating.js';
import { connectingTable } from './behaviour/connecting.js';
import { endingsTable } from './behaviour/endings.js';
import { flowControlTable } from './behaviour/flow-control.js';
import { keepAliveTable } from './behaviour/keep-alive.js';
import { limitsTable } from './behaviour/limits.js';
import { mqtt31Table } from './behaviour/mqtt-3.1.js';
import { orderingTable } from './behaviour/ordering.js';
import { overlappingTable } from './behaviour/overlapping.js';
import { propertiesBehaviourTable } from './behaviour/properties.js';
import { publishingTable } from './behaviour/publishing.js';
import { retainedTable } from './behaviour/retained.js';
import { retainingTable } from './behaviour/retaining.js';
import { sessionsTable } from './behaviour/sessions.js';
import { settingsTable } from './behaviour/settings.js';
import { sharingTable } from './behaviour/sharing.js';
import { subscribingTable } from './behaviour/subscribing.js';
import { takeoversTable } from './behaviour/takeovers.js';
import { topicsTable } from './behaviour/topics.js';
import { willsTable } from './behaviour/wills.js';
import { windowsTable } from './behaviour/windows.js';
import { fixedHeaderTable } from './malformed/fixed-header.js';
import { lengthsTable } from './malformed/lengths.js';
import { orderTable } from './malformed/order.js';
import { propertiesTable } from './malformed/properties.js';
import { reasonCodesTable } from './malformed/reason-codes.js';
import { stringsTable } from './malformed/strings.js';
import { V5_TABLES } from './v5/index.js';

/** What no client may send, whatever it is about. */
export const MALFORMED_TABLES: readonly Table[] = [fixedHeaderTable, lengthsTable, orderTable];

/** What MQTT 5 has brought, right and wrong. */
export const PROPERTY_TABLES: readonly Table[] = [propertiesTable, reasonCodesTable];

/** Text, right and wrong. */
export const STRING_TABLES: readonly Table[] = [stringsTable];

/** What clients do that is right, or wrong only where it is done. */
export const BEHAVIOUR_TABLES: readonly Table[] = [
  connectingTable,
  sessionsTable,
  willsTable,
  publishingTable,
  retainingTable,
  subscribingTable,
  topicsTable,
  propertiesBehaviourTable,
  flowControlTable,
  sharingTable,
  authenticatingTable,
];

/** How messages, sessions and connections go on, of one client after the other and of clients of all versions. */
export const FLOW_TABLES: readonly Table[] = [
  takeoversTable,
  keepAliveTable,
  endingsTable,
  windowsTable,
  orderingTable,
  retainedTable,
  overlappingTable,
  settingsTable,
  limitsTable,
  acrossVersionsTable,
  mqtt31Table,
];

/** Every sequence of the suite. */
export const ALL_TABLES: readonly Table[] = [
  ...BEHAVIOUR_TABLES,
  ...FLOW_TABLES,
  ...V5_TABLES,
  ...MALFORMED_TABLES,
  ...PROPERTY_TABLES,
  ...STRING_TABLES,
];
