// Loaded before each test file: fails one whose process ends before its tests do, or does not end after them.
import { after } from 'node:test';
import { isMainThread } from 'node:worker_threads';

/** Stopping the product after the last test takes seconds when it has something to finish. */
const endWithinMs = 10_000;
let isOver = false;

function fail(sentence: string): void {
  process.stderr.write(`${process.argv[1]} ${sentence}\n`);
  process.exitCode = 1;
}

if (isMainThread) {
  after(() => {
    isOver = true;
    setTimeout(() => {
      fail(`keeps its process open after its tests: ${process.getActiveResourcesInfo().join(', ')}`);
      process.exit();
    }, endWithinMs).unref();
  });
  process.on('exit', () => {
    if (!isOver) fail('ended its process before its tests were over');
  });
}
