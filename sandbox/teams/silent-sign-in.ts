import type { SandboxPerson } from '../contract.ts';

/**
 * How a person's Teams client meets a request for a token: `silent` answers it unseen, `off` shows the button at once,
 * `failing` tells the bot `signin/failure` and then shows the button.
 */
export type SsoMode = 'silent' | 'off' | 'failing';

export type SilentSignIn = ReturnType<typeof createSilentSignIn>;

export function createSilentSignIn(issueAssertion: (person: SandboxPerson) => Promise<string>) {
  const modes = new Map<string, SsoMode>();
  let othersAnswer = false;
  return {
    issueAssertion,
    modeOf: (person: SandboxPerson): SsoMode => modes.get(person.key) ?? 'silent',
    setSso(person: SandboxPerson, mode: SsoMode): void {
      modes.set(person.key, mode);
    },
    /** Whether other members' clients answer an OAuthCard meant for somebody else; nobody has seen what Teams does. Off at the start. */
    setOthersAnswer(on: boolean): void {
      othersAnswer = on;
    },
    doOthersAnswer: () => othersAnswer,
  };
}
