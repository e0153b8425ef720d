import type { Audit } from '../audit/audit.ts';
import { replyToError } from '../cards/refusal.ts';
import type { AuditNote } from '../domain/audit-note.ts';
import { type AuthorizedTurn, type DelegatedGraph, GraphError } from '../domain/graph.ts';
import type { SignInPurpose } from '../domain/sign-in-request.ts';
import type { Reply, Session, Turn } from '../domain/turn.ts';
import type { Sessions } from '../identity/sessions.ts';
import { type CommandCall, printCall } from './command.ts';
import type { AskOptions, SignIn } from './sign-in.ts';

interface RunParts {
  readonly sessions: Sessions;
  readonly signIn: SignIn;
  readonly createGraph: (turn: Turn, session: Session) => DelegatedGraph;
  readonly audit: Pick<Audit, 'record' | 'recordFailure'>;
  readonly log: { error(fields: object, message: string): void; info(fields: object, message: string): void };
}

export interface Run {
  /**
   * Runs a command as the person of the turn. Without a sign-in it asks for one and the command goes on after it.
   * `fresh` is a session just made, by the sign-in that resumes this command.
   */
  command(turn: Turn, call: CommandCall, fresh?: FreshSession): Promise<Reply>;
  /** Runs something with a session; `askAgain` is how to ask when Graph no longer takes that session. */
  authorized(turn: Turn, as: RunAs, work: (turn: AuthorizedTurn) => Promise<Reply>): Promise<Reply>;
}

interface FreshSession {
  readonly session: Session;
  /** What the sign-in was for that made it. */
  readonly purpose: SignInPurpose;
}

export interface RunAs {
  readonly session: Session;
  /** Absent for a session that was there before. */
  readonly freshFor?: SignInPurpose;
  readonly askAgain: (options: AskOptions) => Promise<Reply>;
  /** What the audit calls it, and the token it is about, when it fails; absent for what only looks. */
  readonly audited?: Pick<AuditNote, 'action' | 'token'> | undefined;
}

/** Both ways never reject: every error becomes an answer. */
export function createRun({ sessions, signIn, createGraph, audit, log }: RunParts): Run {
  async function authorized(turn: Turn, as: RunAs, work: (turn: AuthorizedTurn) => Promise<Reply>): Promise<Reply> {
    try {
      return await work({ ...turn, session: as.session, graph: createGraph(turn, as.session) });
    } catch (error) {
      const { session, audited } = as;
      if (audited) await audit.recordFailure({ ...turn, session }, audited, error);
      const again = error instanceof GraphError ? findAskAgain(turn, error, as.freshFor) : undefined;
      return again ? as.askAgain(again) : answerError(turn, error);
    }
  }

  /** A session that Graph no longer takes is asked for anew, but never twice in a row; more proof may be asked for once more. */
  function findAskAgain(turn: Turn, error: GraphError, freshFor: SignInPurpose | undefined): AskOptions | undefined {
    const { reason, claims } = error;
    const stepUp = reason === 'claimsChallenge' && claims !== undefined && freshFor !== 'stepUp';
    if (!stepUp && (reason !== 'tokenRejected' || freshFor !== undefined)) return undefined;
    sessions.forget(turn.person);
    return stepUp ? { purpose: 'stepUp', claims } : {};
  }

  function answerError(turn: Turn, error: unknown): Reply {
    const { correlationId } = turn;
    if (error instanceof GraphError) {
      const { reason, status, code, requestId, clientRequestId } = error;
      log.info({ correlationId, reason, status, code, requestId, clientRequestId }, 'Graph refused');
    } else {
      log.error({ err: error, correlationId }, 'a command failed');
    }
    return replyToError(turn, error);
  }

  return {
    authorized,
    async command(turn, call, fresh) {
      const { command, rest } = call;
      const audited = command.audits && { action: command.audits };
      try {
        if (command.needs === 'nothing') return await command.run(turn, rest);
        const askAgain = (options: AskOptions) => signIn.ask(turn, printCall(call), options);
        const session = fresh?.session ?? sessions.find(turn.person);
        if (!session) {
          if (audited) await audit.record(turn, { ...audited, outcome: 'signInAsked' });
          return await askAgain({});
        }
        const as = { session, askAgain, audited, ...(fresh && { freshFor: fresh.purpose }) };
        return await authorized(turn, as, (authorizedTurn) => command.run(authorizedTurn, rest));
      } catch (error) {
        if (audited) await audit.recordFailure(turn, audited, error);
        return answerError(turn, error);
      }
    },
  };
}
