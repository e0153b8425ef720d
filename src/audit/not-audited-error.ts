/** What was asked for could not be written down first, so it was not done. */
export class NotAuditedError extends Error {
  override readonly name = 'NotAuditedError';
  constructor() {
    super('the audit could not be written');
  }
}
