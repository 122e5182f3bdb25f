/** Made with OpenSSL for tests. */
export const SM2_PRIVATE_KEY = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqBHM9VAYItBG0wawIBAQQgSNNdmFLNVlD1yOnU
lMPrtXFK4T6Efv3DeFwKsHSfXWihRANCAARw6aQbmkajsRfJOPK22jxqkC+fuLWe
spV6v0BZVejZZPHD8bpmmcXSTn4ke/uRRWvvOvtps9lE1fTxZ1gUtLJH
-----END PRIVATE KEY-----
`;
/** The public key that goes with it. */
export const SM2_PUBLIC_KEY =
  'MFkwEwYHKoZIzj0CAQYIKoEcz1UBgi0DQgAEcOmkG5pGo7EXyTjytto8apAvn7i1nrKVer9AWVXo2WTxw/G6ZpnF0k5+JHv7kUVr7zr7abPZRNX08WdYFLSyRw==';
