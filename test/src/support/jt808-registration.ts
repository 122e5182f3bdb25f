/** The registration (0x0100) of a JT/T 808 terminal. */
export const REGISTRATION = {
  province: 31,
  city: 115,
  manufacturer: '12345',
  model: 'M1',
  dev_id: 'T000001',
  color: 2,
  license_number: '沪A12345',
};
