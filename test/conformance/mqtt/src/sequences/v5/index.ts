import type { Table } from '../../sequence.js';
import { acknowledgingTable } from './acknowledging.js';
import { messageExpiryTable } from './message-expiry.js';
import { messagePropertiesTable } from './message-properties.js';
import { packetSizesTable } from './packet-sizes.js';
import { reasonStringsTable } from './reason-strings.js';
import { receiveMaximumTable } from './receive-maximum.js';
import { sessionExpiryTable } from './session-expiry.js';
import { subscriptionIdentifiersTable } from './subscription-identifiers.js';
import { subscriptionOptionsTable } from './subscription-options.js';
import { topicAliasesTable } from './topic-aliases.js';
import { willDelayTable } from './will-delay.js';

/** What only MQTT 5 has, option by option. */
export const V5_TABLES: readonly Table[] = [
  sessionExpiryTable,
  willDelayTable,
  messagePropertiesTable,
  subscriptionOptionsTable,
  subscriptionIdentifiersTable,
  topicAliasesTable,
  receiveMaximumTable,
  packetSizesTable,
  messageExpiryTable,
  acknowledgingTable,
  reasonStringsTable,
];
