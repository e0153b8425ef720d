/** Whoever told a conversation of its alerts may not go on: the process stops, or another one has taken over. */
export class TurnOver extends Error {
  override readonly name = 'TurnOver';

  constructor() {
    super('Telling a conversation of its alerts goes on elsewhere');
  }
}
