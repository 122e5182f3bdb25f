/** The STOMP gateway. */
export {};
