/** GB/T 32960 as data: frames and messages. */
export {};
