/** For tests of gateways and modules: an engine on a virtual clock, peers and clients that record, certificates. */
export { ScramClient } from '../access/scram/testing.js';
export { CertificateFolder } from '../listeners/testing/certificates.js';
export { MemoryFolder } from '../store/log/testing/memory-folder.js';
export { storeServices } from '../store/log/testing/open-store.js';
export { DtlsDevice, type DtlsDeviceOptions } from './dtls-device.js';
export { connectionInfo, RecordingPeer } from './recording-peer.js';
export { temporaryFile } from './temporary-file.js';
export { type Received, TestClient, TestHub, type TestHubOptions } from './test-hub.js';
export { TestStore } from './test-store.js';
