import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import { createAuditKeys } from '../../src/audit/audit.ts';
import {
  type ExportSpan,
  exportAudit,
  findCsvRecords,
  type SignedHead,
  signedText,
  toCsvRecord,
  UnprovenError,
  verifyExport,
} from '../../src/audit/export.ts';
import { createDeriveKey } from '../../src/identity/keys.ts';
import { createAuditLog } from '../../src/store/audit-log.ts';
import { keptMs } from '../../src/store/retention.ts';
import type { Db } from '../../src/store/schema.ts';
import { entry, fill, forge, rewriteFrom } from '../support/audit-chain.ts';
import { configWith } from '../support/environment.ts';
import { onEveryStore } from '../support/open-store.ts';
import { at, minuteMs } from '../support/stored.ts';

suite('export', () => {
  const deriveWith = (secret: string) => createDeriveKey(configWith({ AAD_APP_CLIENT_SECRET: secret }));
  const keysOf = (secret: string, ...others: readonly string[]) =>
    createAuditKeys(deriveWith(secret), others.map(deriveWith));
  const keys = keysOf('the-secret-of-the-app');
  const logOver = (db: Db, by = keys) => createAuditLog({ db, seals: by.seals, now: () => at });
  const everything = { from: 0, to: Number.MAX_SAFE_INTEGER };

  async function exported(db: Db, span: ExportSpan = everything, by = keys): Promise<string> {
    let text = '';
    for await (const piece of exportAudit({ entries: logOver(db, by), keys: by, now: () => at }, span)) text += piece;
    return text;
  }

  const whyNot = (text: string) => {
    const verdict = verifyExport(text);
    return verdict.ok ? 'nothing is wrong with it' : verdict.why;
  };

  /** The same export with another head, its signature made anew with a key of whoever does this. */
  function withHead(text: string, change: (head: SignedHead) => object): string {
    const lines = text.split('\r\n');
    const last = lines.at(-2) ?? '';
    const json = /^"head","(.*?)"(?:,"")*$/s.exec(last)?.[1]?.replaceAll('""', '"') ?? assert.fail();
    lines[lines.length - 2] = last.replace(
      json.replaceAll('"', '""'),
      JSON.stringify(change(JSON.parse(json))).replaceAll('"', '""'),
    );
    return lines.join('\r\n');
  }

  onEveryStore('an export of the audit', (open) => {
    test('is CSV with every entry and a signed head, and verifies with nothing but itself', async () => {
      const db = await open();
      await fill(logOver(db), 3);
      await logOver(db).append(
        entry({ person_name: '=HYPERLINK("https://evil.example")', token_name: 'a "b", c', run_id: null }),
      );
      const text = await exported(db);
      const lines = text.split('\r\n');
      assert.equal(lines.length, 7);
      assert.match(lines[0] ?? '', /^"seq","at","tenant_id","person_id","person_name",.*,"correlation_id","hash"$/);
      assert.match(
        lines[4] ?? '',
        /^"4","2026-11-23T09:00:00\.000Z",.*"'=HYPERLINK\(""https:\/\/evil\.example""\)",.*"a ""b"", c"/,
      );
      const verdict = verifyExport(text);
      assert.ok(verdict.ok);
      const { count, span, newest } = verdict.head;
      assert.deepEqual([count, span?.first, span?.last, newest], [4, 1, 4, 4]);
      assert.equal(verdict.fingerprint, keys.seals.own.keyId);
      assert.ok(!text.includes('the-secret-of-the-app'));
    });

    test('may be of a span of time, or of nothing, or of what pruning left', async () => {
      const db = await open();
      await fill(logOver(db), 5);
      const some = verifyExport(await exported(db, { from: at + 2 * minuteMs, to: at + 4 * minuteMs }));
      assert.ok(some.ok);
      assert.deepEqual([some.head.span?.first, some.head.span?.last, some.head.newest], [2, 3, 5]);
      const none = verifyExport(await exported(db, { from: 0, to: at }));
      assert.ok(none.ok);
      assert.deepEqual([none.head.count, none.head.span, none.head.newest], [0, undefined, 5]);
      await logOver(db).prune(at + 3 * minuteMs + keptMs.auditEntries + 1);
      const left = verifyExport(await exported(db));
      assert.ok(left.ok);
      assert.deepEqual([left.head.span?.first, left.head.count], [4, 2]);
      const empty = verifyExport(await exported(await open()));
      assert.ok(empty.ok && empty.head.newest === 0);
    });

    test('is not signed where the chain does not hold', async () => {
      const db = await open();
      await fill(logOver(db), 3);
      await db.updateTable('audit_entries').set({ outcome: 'joined' }).where('seq', '=', 2).execute();
      await assert.rejects(exported(db), /not as it was written, from entry 2 on\. Nothing was signed/);
      await db.deleteFrom('audit_entries').where('seq', '>', 1).execute();
      await assert.rejects(exported(db), /from entry 2 on/);
      await assert.rejects(exported(db, { from: 0, to: at + 2 * minuteMs }), /from entry 2 on/);
      await db.updateTable('audit_head').set({ seq: 1 }).execute();
      await assert.rejects(exported(db), /head of the audit is not as it was written/);
    });

    test('is not signed where all hashes were made to fit and the head was left, be it a part or all of it', async () => {
      const db = await open();
      await fill(logOver(db), 4);
      await rewriteFrom(db, logOver(db), 1, { person_name: 'Somebody else' });
      await assert.rejects(exported(db), /from entry 4 on\. Nothing was signed/);
      const second = { from: at + 2 * minuteMs, to: at + 3 * minuteMs };
      await assert.rejects(exported(db, second), /Nothing was signed/);
    });

    test('signs no entry of a segment whose key is not at hand, before and after the bot went on', async () => {
      const db = await open();
      await fill(logOver(db), 3);
      const hash = await forge(db, logOver(db), 1, { person_name: 'Somebody else' });
      const refused = (error: unknown) => error instanceof UnprovenError && error.segments[0]?.last.hash === hash;
      await assert.rejects(exported(db), refused);
      await assert.rejects(exported(db, { from: 0, to: 1 }), refused, 'of nothing either: the head is not known');
      await fill(logOver(db), 2, at + 9 * minuteMs);
      await assert.rejects(exported(db), refused);
      await assert.rejects(exported(db, { from: 0, to: at + 2 * minuteMs }), UnprovenError);
      const after = verifyExport(await exported(db, { from: at + 9 * minuteMs, to: everything.to }));
      assert.ok(after.ok && after.head.span?.first === 5, 'what came after is sealed with the key');
      await forge(db, logOver(db), 1, { person_name: 'A third' });
      await assert.rejects(exported(db), UnprovenError);
    });

    test('signs a segment of a former key where that is at hand, once the bot has sealed with its own', async () => {
      const db = await open();
      await fill(logOver(db), 3);
      const renewed = keysOf('renewed', 'the-secret-of-the-app');
      await assert.rejects(exported(db, everything, renewed), UnprovenError);
      await fill(logOver(db, renewed), 1, at + 9 * minuteMs);
      const whole = verifyExport(await exported(db, everything, renewed));
      assert.ok(whole.ok && whole.head.count === 5);
      await assert.rejects(exported(db, everything, keysOf('renewed')), UnprovenError);
    });
  });

  async function sample(open: () => Promise<Db>): Promise<string> {
    const db = await open();
    await fill(logOver(db), 3);
    return exported(db);
  }

  onEveryStore('an export that was changed', (open) => {
    test('by any one byte of it is found out', async () => {
      const text = await sample(open);
      for (let index = 0; index < text.length; index += 1) {
        const flipped = text[index] === '\r' ? '' : String.fromCharCode(text.charCodeAt(index) ^ 1);
        const changed = `${text.slice(0, index)}${flipped}${text.slice(index + 1)}`;
        const verdict = verifyExport(changed);
        // A line may end in LF alone: editors do that, and no value changes by it.
        assert.ok(
          !verdict.ok || flipped === '',
          `byte ${index} (${JSON.stringify(text.slice(index - 20, index + 20))})`,
        );
      }
    });

    test('by leaving out, swapping, adding or cutting off records is found out', async () => {
      const text = await sample(open);
      const [header = '', first = '', second = '', third = '', head = ''] = text.split('\r\n');
      const joined = (...lines: string[]) => lines.map((line) => `${line}\r\n`).join('');
      assert.match(whyNot(joined(header, first, second, third)), /signed head is missing/);
      assert.match(whyNot(joined(header, second, third, head)), /holds 2 entries, and its head says 3/);
      assert.match(whyNot(joined(header, first, third, head)), /holds 2 entries/);
      assert.match(whyNot(joined(header, first, third, second, head)), /from entry 2 on/);
      assert.match(whyNot(joined(header, first, second, second, third, head)), /holds 4/);
      assert.match(whyNot(joined(first, second, third, head)), /columns are others/);
      assert.match(whyNot(''), /columns are others/);
      assert.match(whyNot('hello'), /not CSV/);
    });

    test('with its head made to fit is found out by the signature, and by the key when signed anew', async () => {
      const text = await sample(open);
      assert.equal(
        withHead(text, (head) => head),
        text,
      );
      for (const change of [
        { count: 2 },
        { newest: 9 },
        { exportedAt: '2030-01-01T00:00:00.000Z' },
        { publicKey: keysOf('x').publicKey },
      ]) {
        assert.match(
          whyNot(withHead(text, (head) => ({ ...head, ...change }))),
          /signature does not fit/,
          JSON.stringify(change),
        );
      }
      for (const change of [
        { extra: 1 },
        { count: -1 },
        { newestHash: 'x' },
        { format: 'another' },
        { signature: undefined },
      ]) {
        assert.match(
          whyNot(withHead(text, (head) => ({ ...head, ...change }))),
          /signed head is missing/,
          JSON.stringify(change),
        );
      }
      const db = await open();
      const other = keysOf('another secret');
      await fill(logOver(db, other), 3);
      const forged = verifyExport(await exported(db, everything, other));
      assert.ok(forged.ok && forged.fingerprint !== keys.seals.own.keyId);
    });

    test('with a good signature over other entries than it holds is found out', async () => {
      const text = await sample(open);
      for (const change of [
        { firstHash: 'a'.repeat(64) },
        { lastHash: 'a'.repeat(64) },
        { last: 9 },
        { previousHash: 'a'.repeat(64) },
      ]) {
        const signed = withHead(text, ({ signature: _, ...head }) => {
          const other = { ...head, span: { ...(head.span ?? assert.fail()), ...change } };
          return { ...other, signature: keys.sign(signedText(other)) };
        });
        assert.match(whyNot(signed), /entries are not those|from entry 1 on/, JSON.stringify(change));
      }
      const none = withHead(text, ({ signature: _, span: __, ...head }) => ({
        ...head,
        signature: keys.sign(signedText(head)),
      }));
      assert.match(whyNot(none), /names no entries/);
    });

    test('may begin with what npm prints, and nothing else', async () => {
      const text = await sample(open);
      assert.ok(verifyExport(`\n> vpp-sync@0.1.0 audit\n> node scripts/run.mjs audit export\n\n${text}`).ok);
      assert.match(whyNot(`x\n${text}`), /not CSV/);
    });
  });

  test('the key is the same in every process that is configured alike, and another with another secret', () => {
    assert.equal(keysOf('a').publicKey, keysOf('a').publicKey);
    assert.notEqual(keysOf('a').publicKey, keysOf('b').publicKey);
    const withCacheKey = (secret: string) =>
      createAuditKeys(
        createDeriveKey(
          configWith({ AAD_APP_CLIENT_SECRET: secret, TOKEN_CACHE_KEY: Buffer.alloc(32, 1).toString('base64') }),
        ),
      );
    assert.equal(withCacheKey('a').publicKey, withCacheKey('b').publicKey, 'TOKEN_CACHE_KEY outlives the app’s secret');
  });
});

suite('csv', () => {
  const cell = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.constantFrom('=1+1', "'=1", "''", '"', '""', 'a,b', 'a\r\nb', '+x', '-2', '@SUM(A1)', '\t=1', '＝1', ''),
  );

  test('gives back every cell as it was, whatever is in it', () => {
    fc.assert(
      fc.property(fc.array(fc.array(cell, { minLength: 1, maxLength: 5 }), { maxLength: 5 }), (records) => {
        assert.deepEqual(findCsvRecords(records.map(toCsvRecord).join('')), records);
      }),
    );
  });

  test('lets no cell begin a formula, in whatever width or language of sign', () => {
    for (const begin of ['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠']) {
      assert.ok(toCsvRecord([`${begin}HYPERLINK("https://evil.example","x")`]).startsWith(`"'${begin}`), begin);
    }
    assert.equal(toCsvRecord(['plain', '2026-11-23T08:00:00.000Z']), '"plain","2026-11-23T08:00:00.000Z"\r\n');
  });

  test('reads nothing but what it writes itself', () => {
    for (const text of ['a,b\r\n', '"a', '"a"', '"a" ,"b"\r\n', '"a"\r\n"b', '"a""\r\n', '\r\n', '"a"\r\nx']) {
      assert.equal(findCsvRecords(text), undefined, JSON.stringify(text));
    }
    assert.deepEqual(findCsvRecords('"a","b"\n"c","d"\n'), [
      ['a', 'b'],
      ['c', 'd'],
    ]);
  });
});
