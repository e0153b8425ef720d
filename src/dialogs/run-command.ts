import { replyToError } from '../cards/refusal.ts';
import type { AuditNote } from '../domain/audit-note.ts';
import { type AuthorizedTurn, GraphError } from '../domain/graph.ts';
import type { SignInPurpose } from '../domain/sign-in-request.ts';
import type { Reply, Session, Turn } from '../domain/turn.ts';
import { type CommandCall, printCall } from './command.ts';
import type { Services } from './services.ts';
import type { AskOptions, SignIn } from './sign-in.ts';

export interface Run {
  /**
   * Runs a command as the person of the turn; never rejects. Without a session it asks them to sign in, after which the command
   * goes on with the `fresh` session.
   */
  command(turn: Turn, call: CommandCall, fresh?: FreshSession): Promise<Reply>;
  /** Runs work with a session that the caller found. Errors become replies; rejects only when `askAgain` does. */
  authorized(turn: Turn, as: RunAs, work: (turn: AuthorizedTurn) => Promise<Reply>): Promise<Reply>;
}

interface FreshSession {
  readonly session: Session;
  /** Purpose of the sign-in that brought it. */
  readonly purpose: SignInPurpose;
}

export interface RunAs {
  readonly session: Session;
  /** Absent when the session is older than this turn. */
  readonly freshFor?: SignInPurpose | undefined;
  /** Asks for another sign-in once Graph rejects the session. */
  readonly askAgain: (options: AskOptions) => Promise<Reply>;
  /** Recorded in the audit when it fails; absent for what only reads. */
  readonly audited?: Pick<AuditNote, 'action' | 'token'> | undefined;
}

export function createRun({ identity, graphs, audit, runtime }: Services, signIn: SignIn): Run {
  const { sessions } = identity;
  const { log } = runtime;

  async function runCommand(turn: Turn, call: CommandCall, fresh?: FreshSession): Promise<Reply> {
    const { command, rest } = call;
    const audited = command.audits && { action: command.audits };
    const askAgain = (options: AskOptions) => signIn.ask(turn, printCall(call), options);
    try {
      if (command.needs === 'nothing') return await command.run(turn, rest);
      const session = fresh?.session ?? sessions.find(turn.person);
      if (!session) {
        if (audited) await audit.record(turn, { ...audited, outcome: 'signInAsked' });
        return await askAgain({});
      }
      const as: RunAs = { session, freshFor: fresh?.purpose, askAgain, audited };
      return await runAuthorized(turn, as, (authorized) => command.run(authorized, rest));
    } catch (error) {
      if (audited) await audit.recordFailure(turn, audited, error);
      return explain(turn, error);
    }
  }

  async function runAuthorized(
    turn: Turn,
    { session, freshFor, askAgain, audited }: RunAs,
    work: (turn: AuthorizedTurn) => Promise<Reply>,
  ): Promise<Reply> {
    try {
      return await work({ ...turn, session, graph: graphs.forPerson(turn.person, session) });
    } catch (error) {
      if (audited) await audit.recordFailure({ ...turn, session }, audited, error);
      const options = error instanceof GraphError ? findAskOptions(error, freshFor) : undefined;
      return options ? askAgain(options) : explain(turn, error);
    }
  }

  function explain(turn: Turn, error: unknown): Reply {
    const { correlationId } = turn;
    if (error instanceof GraphError) {
      const { reason, status, code, requestId, clientRequestId } = error;
      log.info({ correlationId, reason, status, code, requestId, clientRequestId }, 'Graph refused');
    } else {
      log.error({ err: error, correlationId }, 'a command failed');
    }
    return replyToError(turn, error);
  }

  return { command: runCommand, authorized: runAuthorized };
}

/**
 * How to ask for another sign-in after Graph rejected a session; undefined where that would not help. A session just made is not
 * asked for again, or the person would sign in for ever; only more proof may be asked for once more.
 */
function findAskOptions({ reason, claims }: GraphError, freshFor: SignInPurpose | undefined): AskOptions | undefined {
  if (reason === 'claimsChallenge' && claims !== undefined && freshFor !== 'stepUp') {
    return { purpose: 'stepUp', claims };
  }
  return reason === 'tokenRejected' && freshFor === undefined ? {} : undefined;
}
