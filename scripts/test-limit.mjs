// Loaded into every process of the test runner. A test file that has not ended after three minutes hangs: in a test,
// or because of something that a test has left open. It says what that is, and fails.

const LIMIT_MS = 180_000;

if (process.env.NODE_TEST_CONTEXT !== undefined) {
  const giveUp = () => {
    console.error(
      `Not ended after ${LIMIT_MS / 1000} s; still open: ${process.getActiveResourcesInfo().join(', ')}`,
    );
    process.exit(1);
  };
  setTimeout(giveUp, LIMIT_MS).unref();
}
