/** All that the store needs of the log. */
export interface StoreLog {
  warn(fields: object, message: string): void;
}
