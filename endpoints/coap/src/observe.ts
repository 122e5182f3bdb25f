/** Values of the Observe option of a request, RFC 7641 §2. */
export const REGISTER = 0;
export const DEREGISTER = 1;
