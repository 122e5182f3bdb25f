/** For tests of gateways and modules: an engine on a virtual clock, and peers and clients that record. */
export { connectionInfo, RecordingPeer } from './recording-peer.js';
export { type Received, TestClient, TestHub, type TestHubOptions } from './test-hub.js';
