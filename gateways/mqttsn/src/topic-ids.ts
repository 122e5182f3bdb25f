/** The least and the greatest topic id that a topic can have, MQTT-SN 1.2 §5.3.11: 0x0000 and 0xFFFF are reserved. */
export const FIRST_TOPIC_ID = 0x0001;
export const LAST_TOPIC_ID = 0xfffe;
