/** JT/T 808 as data: frames and messages. */
export {};
