import { GraphError } from '../graph/errors.ts';
import type { Explanation } from '../i18n/texts.ts';

/** A failure of Graph whose feature knows better than the general words what it means. Logged like any other. */
export class ExplainedGraphError extends GraphError {
  readonly explanation: Explanation;

  constructor(error: GraphError, explanation: Explanation) {
    super(error.reason, error);
    this.explanation = explanation;
  }
}
