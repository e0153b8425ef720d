import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import { GraphError } from '../../src/domain/graph.ts';
import { createLog, createLogId } from '../../src/telemetry/log.ts';
import { describeError, safeFields } from '../../src/telemetry/log-redaction.ts';
import { listSourceFiles } from '../support/source-files.ts';

const logId = createLogId(() => Buffer.alloc(32, 7));
const written = (fields: object) => JSON.stringify(safeFields(fields as Record<string, unknown>, logId));

const secret = 'canary7Qm2xVz9';
const jwt = 'eyJhbGciOiJSUzI1NiJ9.eyJvaWQiOiJjYW5hcnkifQ.c2lnbmF0dXJl';
const oid = '0a1d7c64-5e92-4f3b-8a60-1b2c3d4e5a01';

suite('an error in the log', () => {
  const leaky = (cause?: unknown) =>
    Object.assign(
      new Error(
        `GET https://login.example.com/auth/end?code=${secret} with Bearer ${jwt}: {"name":"${secret} Lindqvist"}`,
        {
          cause,
        },
      ),
      {
        config: { headers: { authorization: `Bearer ${jwt}` } },
        body: secret,
        input: `https://x.example/?${secret}`,
        detail: `Key (requester_json)=(${secret})`,
        code: `${secret} ${jwt}`,
        requestId: secret,
        reason: `because ${secret}`,
      },
    );

  test('shows its type and where it was thrown, and nothing that it says, however deep its causes go', () => {
    const described = describeError(leaky(leaky(new AggregateError([leaky(), leaky()], secret))));
    const line = JSON.stringify(described);
    assert.doesNotMatch(line, /canary|eyJ|Bearer|login\.example|Lindqvist|requester_json/);
    assert.equal(described.type, 'Error');
    assert.match(described.at?.[0] ?? '', /^test\/telemetry\/log\.test\.ts:\d+:\d+$/);
    assert.equal(described.cause?.cause?.type, 'AggregateError');
    assert.equal(described.cause?.cause?.errors?.length, 2);
  });

  test('shows what callers branch on and what support asks for', () => {
    const facts = { status: 403, code: 'Forbidden', requestId: '0a1b2c3d-0000', clientRequestId: '1a1b2c3d-0000' };
    const { type, facts: shown } = describeError(new GraphError('forbidden', facts));
    assert.deepEqual([type, shown], ['GraphError', { ...facts, reason: 'forbidden' }]);
    const system = Object.assign(new Error('connect ECONNREFUSED 10.0.0.1:443'), {
      code: 'ECONNREFUSED',
      syscall: 'connect',
    });
    assert.deepEqual(describeError(system).facts, { code: 'ECONNREFUSED', syscall: 'connect' });
    const sqlite = Object.assign(new Error('database is locked'), { code: 'ERR_SQLITE_ERROR', errcode: 5 });
    assert.deepEqual([describeError(sqlite).what, describeError(sqlite).facts?.errcode], ['database is locked', 5]);
  });

  test('shows what the runtime says of a mistake of ours', () => {
    try {
      (undefined as unknown as { x: string }).x.trim();
    } catch (error) {
      assert.equal(describeError(error).what, 'Cannot read properties of undefined');
    }
  });

  test('takes no line of a message for a place', () => {
    const forged = new Error(`x\n    at ${secret} (/src/${secret}.ts:1:1)\n    at /src/${secret}.ts:2:2`);
    assert.doesNotMatch(JSON.stringify(describeError(forged)), /canary/);
    forged.message = 'changed later';
    assert.doesNotMatch(JSON.stringify(describeError(forged)), /canary/);
  });

  test('is described whatever was thrown: text, nothing, itself as its cause, a trap', () => {
    const round = new Error(secret);
    round.cause = round;
    const trap = new Proxy(new Error('x'), {
      get() {
        throw new Error(secret);
      },
    });
    for (const odd of [
      secret,
      undefined,
      null,
      7,
      Symbol(secret),
      round,
      trap,
      Object.create(null),
      { message: secret },
    ]) {
      assert.doesNotMatch(JSON.stringify(describeError(odd)), /canary/);
    }
  });

  test('says nothing of any message, property or cause that an attacker could choose', () => {
    const text = fc.string({ minLength: 1, maxLength: 40 }).map((tail) => `${secret}${tail}`);
    fc.assert(
      fc.property(text, text, fc.dictionary(fc.string(), text), (message, cause, properties) => {
        const error = new TypeError(message, { cause: new RangeError(cause, { cause }) });
        for (const [name, value] of Object.entries(properties)) Object.defineProperty(error, name, { value });
        assert.ok(!JSON.stringify(describeError(error)).includes(secret));
      }),
    );
  });
});

suite('the fields of a log line', () => {
  test('hold hashes in place of ids of people and conversations', () => {
    const line = written({
      person: oid,
      conversationId: '19:abc@thread.tacv2;messageid=1',
      ownerId: oid,
      teamsId: '29:1ada',
    });
    assert.doesNotMatch(line, /0a1d7c64|19:abc|29:1/);
    assert.match(line, /"person":"#[\da-f]{12}"/);
  });

  test('show a person under the same hash, however the id is written, and a conversation in all its threads', () => {
    assert.equal(logId(oid), logId(` ${oid.toUpperCase()} `));
    assert.equal(logId('19:abc@thread.tacv2;messageid=1'), logId('19:abc@thread.tacv2'));
    assert.notEqual(logId(oid), createLogId(() => Buffer.alloc(32, 8))(oid));
    assert.notEqual(logId(oid), logId(oid.replace('0', '1')));
  });

  test('keep ids of requests, syncs and tokens, by which they are looked up', () => {
    const ids = {
      requestId: oid,
      tokenId: oid,
      runId: 'Zk3-_aa',
      correlationId: 'ab12cd34ef',
      status: 403,
      isRetry: true,
    };
    assert.deepEqual(safeFields(ids, logId), ids);
  });

  test('hold no address with a path or a query, no token, no account, no id inside a text', () => {
    const line = written({
      why: `to https://user:pw@host.example/v3/conversations/19:x?code=${secret} with Bearer ${jwt} or ${jwt}`,
      detail: `ada.lindqvist@contoso.example.com and ${oid} in 19:abc@thread.tacv2 as 29:1ada`,
      long: `x${secret}`.repeat(9),
    });
    assert.doesNotMatch(line, /canary|eyJ|pw@|conversations|lindqvist|0a1d7c64|thread|29:/);
    assert.match(line, /https:\/\/host\.example\/…/);
    assert.equal(written({ publicUrl: 'https://bot.example.com' }), '{"publicUrl":"https://bot.example.com"}');
  });

  test('leave out values with a private name, at any depth', () => {
    for (const name of [
      'token',
      'access_token',
      'Authorization',
      'clientSecret',
      'body',
      'text',
      'name',
      'userName',
      'claims',
      'state',
    ]) {
      assert.doesNotMatch(written({ [name]: secret }), /canary/, name);
      assert.doesNotMatch(written({ a: { b: [{ [name]: secret }] } }), /canary/, name);
      assert.doesNotMatch(written({ [name]: { deep: secret } }), /canary/, name);
    }
    assert.doesNotMatch(written({ a: { b: { c: { d: { e: secret } } } } }), /canary/);
    assert.doesNotMatch(written({ person: { name: secret }, oops: new Error(secret) }), /canary/);
  });
});

test('a line has a message of the code’s own, also where none was given', () => {
  const lines: string[] = [];
  const log = createLog('trace', logId, { write: (line) => void lines.push(line) });
  (log.error as (error: unknown) => void)(new Error(secret));
  log.error({ err: new Error(secret, { cause: secret }), person: oid }, 'it failed at 100%');
  const read = lines.map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>);
  assert.deepEqual(
    read.map(({ level, msg, person }) => [level, msg, person]),
    [
      ['error', 'without a message', undefined],
      ['error', 'it failed at 100%', logId(oid)],
    ],
  );
  for (const { err } of read) assert.match(JSON.stringify(err), /"type":"Error"/);
  assert.doesNotMatch(lines.join(), /canary/);
});

test('no log call puts anything into its message: what varies goes into fields', () => {
  const calls = /\blog\??\.(?:trace|debug|info|warn|error|fatal)\(/g;
  let found = 0;
  for (const { path, text } of listSourceFiles('src/**/*.ts')) {
    for (const call of text.matchAll(calls)) {
      found += 1;
      const args = argumentsAt(text, (call.index ?? 0) + call[0].length);
      const message = args.at(-1)?.trim() ?? '';
      const isPlain = /^'[^'`$]*'$|^"[^"`$]*"$/.test(message);
      assert.ok(isPlain, `${path}: a log message must be a plain text, not ${message.slice(0, 60)}`);
    }
  }
  assert.ok(found > 30, `only ${found} calls were seen`);
});

/** The arguments of a call, split at its own commas. */
function argumentsAt(text: string, from: number): string[] {
  const args: string[] = [];
  let depth = 0;
  let quote = '';
  let start = from;
  for (let at = from; at < text.length; at += 1) {
    const sign = text[at] ?? '';
    if (quote !== '') {
      if (sign === '\\') at += 1;
      else if (sign === quote) quote = '';
    } else if (['"', "'", '`'].includes(sign)) quote = sign;
    else if ('([{'.includes(sign)) depth += 1;
    else if (')]}'.includes(sign)) {
      if (depth === 0) {
        const rest = text.slice(start, at);
        return rest.trim() === '' ? args : [...args, rest];
      }
      depth -= 1;
    } else if (sign === ',' && depth === 0) {
      args.push(text.slice(start, at));
      start = at + 1;
    }
  }
  return args;
}
