/** The LwM2M gateway. */
export {};
