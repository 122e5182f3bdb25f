/** The GB/T 32960 gateway. */
export {};
