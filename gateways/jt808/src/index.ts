/** The JT/T 808 gateway. */
export {};
