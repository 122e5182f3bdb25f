/** The management HTTP API. */
export {};
