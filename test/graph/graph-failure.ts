import assert from 'node:assert/strict';
import { GraphError } from '../../src/domain/graph.ts';

/** The GraphError a call ends in; anything else fails the test. */
export async function graphFailure(promise: Promise<unknown>): Promise<GraphError> {
  const error = await promise.then(
    () => assert.fail('resolved'),
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof GraphError, String(error));
  return error;
}
