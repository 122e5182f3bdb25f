/** LwM2M as data: the object model and the payload formats. */
export {};
