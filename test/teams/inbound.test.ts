import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import { cleanText } from '../../src/lib/text.ts';
import type { InboundActivity } from '../../src/teams/inbound.ts';
import { readInbound, readKind } from './read-inbound.ts';

suite('inbound activity', () => {
  const activity: InboundActivity = {
    type: 'message',
    serviceUrl: 'https://smba.trafficmanager.net/emea/',
    from: { id: '29:ada', aadObjectId: 'ADA', name: 'Ada' },
    recipient: { id: '28:bot', name: 'VPP Sync' },
    conversation: { id: 'a:1', tenantId: 'TENANT', conversationType: 'personal' },
  };
  const kindOf = (conversation: NonNullable<InboundActivity['conversation']>) =>
    readInbound({ ...activity, conversation: { tenantId: 't', ...conversation } }).conversation?.kind;

  suite('the kind of a conversation', () => {
    test('is what Teams calls it', () => {
      for (const kind of ['personal', 'groupChat', 'channel']) {
        assert.equal(kindOf({ id: '19:x@thread.v2', conversationType: kind }), kind);
      }
    });

    test('follows from its id when Teams does not say it, or in a word that nobody knows or every object has', () => {
      for (const conversationType of [undefined, '', 'meeting', 'Personal', '__proto__', 'constructor', 'toString']) {
        const given = conversationType === undefined ? {} : { conversationType };
        assert.equal(kindOf({ id: 'a:1', ...given }), 'personal', conversationType);
        assert.equal(kindOf({ id: '19:x@thread.v2', ...given }), 'groupChat', conversationType);
        assert.equal(kindOf({ id: '19:x@thread.tacv2;messageid=1', ...given }), 'channel', conversationType);
        assert.equal(kindOf({ id: '19:x@thread.skype', ...given }), 'channel', conversationType);
      }
    });
  });

  test('only a group chat or channel has targeted messages, and only `true` makes one', () => {
    const onlyFor = (id: string, isTargeted: unknown) =>
      readInbound({
        ...activity,
        conversation: { id, tenantId: 't' },
        from: { id: '29:ada', name: 'Ada' },
        recipient: { id: '28:bot', isTargeted },
      }).conversation?.onlyFor;
    for (const id of ['19:x@thread.v2', '19:x@thread.tacv2;messageid=1'])
      assert.deepEqual(onlyFor(id, true), { teamsId: '29:ada', name: 'Ada' });
    assert.equal(onlyFor('a:1', true), undefined);
    for (const other of [undefined, null, false, 'true', 1]) assert.equal(onlyFor('19:x@thread.v2', other), undefined);
  });

  test('ids of Entra are lower case, and names lose what a message or a store could not take', () => {
    const from = { id: '29:ada', aadObjectId: 'ADA', name: 'A\0da\ud800 \n Lindqvist' };
    const { person } = readInbound({ ...activity, from });
    assert.deepEqual(person, {
      tenantId: 'tenant',
      aadObjectId: 'ada',
      teamsId: '29:ada',
      name: 'A da\ufffd   Lindqvist',
    });
    const { conversation } = readInbound({ ...activity, recipient: { id: 'b', name: '\ud800' } });
    assert.equal(conversation?.bot.name, '\ufffd');
  });

  test('who or where is not said is nobody and nowhere', () => {
    for (const from of [undefined, {}, { id: '29:a' }, { aadObjectId: 'a' }, { id: '', aadObjectId: 'a' }]) {
      const { person, turn } = readInbound({ ...activity, from: from ?? {} });
      assert.deepEqual([person, turn], [undefined, undefined]);
    }
    for (const changes of [{ recipient: {} }, { conversation: {} }, { serviceUrl: '' }]) {
      const { conversation, turn } = readInbound({ ...activity, ...changes });
      assert.deepEqual([conversation, turn], [undefined, undefined]);
    }
  });
});

suite('message text', () => {
  const messageText = (parts: Partial<InboundActivity>) => readKind('message', { type: 'message', ...parts }).text;
  const recipient = { id: '28:bot', name: 'VPP Sync' };
  const mention = (text: unknown, id: unknown = recipient.id) => ({ type: 'mention', text, mentioned: { id } });
  const wordsOf = (text: string | undefined, entities: readonly unknown[] = []) =>
    messageText({ recipient, entities, ...(text !== undefined && { text }) })
      .replace(/&nbsp;|\s+/g, ' ')
      .trim();

  test('takes the bot’s own mention away, wherever and however often it occurs', () => {
    const at = '<at>VPP Sync</at>';
    for (const text of [
      `${at}&nbsp;sync contoso`,
      `sync ${at} contoso`,
      `sync contoso ${at}`,
      `${at}${at} sync contoso ${at}`,
    ]) {
      assert.equal(wordsOf(text, [mention(at)]), 'sync contoso', text);
      assert.equal(wordsOf(text), 'sync contoso', `without entities: ${text}`);
    }
  });

  test('takes it away in the form that the entity gives, also when the bot goes by another name', () => {
    assert.equal(wordsOf('<at id="0">Token-Bot</at> hi', [mention('<at id="0">Token-Bot</at>')]), 'hi');
  });

  test('somebody else who is called like a command gives none', () => {
    const text = '<at>VPP Sync</at> <at>Sync Adatum</at>';
    const mentions = [mention('<at>VPP Sync</at>'), mention('<at>Sync Adatum</at>', '29:ada')];
    assert.equal(wordsOf(text, mentions), '@Sync Adatum');
    assert.equal(
      wordsOf('<at>Sync Adatum</at> hello', [mention('<at>Sync Adatum</at>', '29:ada')]),
      '@Sync Adatum hello',
    );
  });

  for (const text of [
    '<at>VPP Sync (Dev)</at> status adatum',
    '<at id="0">VPP Sync</at> status adatum',
    '<AT>vpp sync</AT> status adatum',
    '<at>VPP&nbsp;Sync</at> status adatum',
    'status <at>VPP Sync</at> adatum <at>VPP Sync</at>',
  ]) {
    test(`takes the bot’s own mention away though nothing more is said of it: ${text}`, () => {
      assert.equal(wordsOf(text, []), 'status adatum');
      const nameless = { type: 'mention', mentioned: { id: '28:bot' } };
      assert.equal(wordsOf(text, [nameless]), 'status adatum');
    });
  }

  test('keeps other people’s names', () => {
    const text = '<at>VPP Sync</at> tell <at>Ada</at> of contoso';
    assert.equal(
      wordsOf(text, [mention('<at>VPP Sync</at>'), mention('<at>Ada</at>', '29:ada')]),
      'tell @Ada of contoso',
    );
  });

  test('lives with entities of any form', () => {
    const odd = [
      null,
      5,
      'x',
      [],
      {},
      { type: 'mention' },
      mention(undefined),
      mention(''),
      mention(5),
      mention('<at>x</at>', null),
    ];
    assert.equal(wordsOf('status', [...odd, { type: 'mention', mentioned: null, text: 'status' }]), 'status');
    assert.equal(wordsOf(undefined, odd), '');
    assert.equal(messageText({}), '');
  });

  for (const [said, left] of [
    ['<quoted messageId="1772050244572"/> sync vpp contoso', 'sync vpp contoso'],
    ['sync vpp contoso <quoted messageId="1772050244572"/>', 'sync vpp contoso'],
    ['<quoted messageId="1772050244572"/> <at>VPP Sync</at> sync', 'sync'],
    ['<at>VPP Sync</at>&nbsp;<quoted messageId="1772050244572"></quoted>同步', '同步'],
    ["<QUOTED messageid='1772050244572'>Which one?</QUOTED> 2", '2'],
    ['<quoted messageId="1772050244572"/>', ''],
    ['<p>sync <strong>con</strong>toso</p>', 'sync contoso'],
    ['sync contoso<br/><attachment id="7"></attachment>', 'sync contoso'],
    ['<div><emoji id="smile" alt="🙂">🙂</emoji> hi</div>', '🙂 hi'],
    ['sync <contoso> & 1 < 2 > 0', 'sync <contoso> & 1 < 2 > 0'],
  ] as const) {
    test(`drops a client’s mark-up: ${said}`, () => {
      assert.equal(wordsOf(said), left);
      assert.equal(wordsOf(said, [mention('<at>VPP Sync</at>')]), left);
    });
  }

  const quotedIdOf = (parts: Partial<InboundActivity>) =>
    readInbound({
      type: 'message',
      serviceUrl: 'https://smba.trafficmanager.net/emea/',
      from: { id: '29:ada', aadObjectId: 'ada' },
      conversation: { id: 'a:1' },
      recipient,
      ...parts,
    }).turn?.quotedId;

  test('knows the quoted message by the text, the entity or the HTML part', () => {
    const html =
      '<blockquote itemscope="" itemtype="http://schema.skype.com/Reply" itemid="42">Hi</blockquote><p>2</p>';
    assert.equal(quotedIdOf({ text: '<quoted messageId="42"/> 2' }), '42');
    assert.equal(
      quotedIdOf({ text: '2', entities: [{ type: 'quotedReply', quotedReply: { messageId: '42' } }] }),
      '42',
    );
    assert.equal(quotedIdOf({ text: '2', attachments: [{ contentType: 'text/html', content: html }] }), '42');
    for (const entity of [null, {}, { type: 'quotedReply' }, { type: 'quotedReply', quotedReply: { messageId: 5 } }]) {
      assert.equal(quotedIdOf({ text: '2', entities: [entity] }), undefined);
    }
  });

  const forwarded =
    '<blockquote itemscope="" itemtype="http://schema.skype.com/Forward" itemid="1"><p>sync vpp adatum</p><p>Hi all</p></blockquote>';
  const mentioned = '<span itemscope itemtype="http://schema.skype.com/Mention" itemid="0">VPP Sync</span>&nbsp;';
  const quoted =
    '<blockquote itemscope="" itemtype="http://schema.skype.com/Reply" itemid="42"><strong itemprop="mri" itemid="28:bot">VPP Sync</strong><p itemprop="preview">Adatum Valid</p></blockquote>';
  for (const [said, html, own] of [
    ['sync vpp contoso\n\nsync vpp adatum\nHi all', `<p>sync vpp contoso</p>${forwarded}`, 'sync vpp contoso'],
    ['sync vpp contoso\n\nsync vpp adatum\n\nHi all', forwarded, 'sync vpp contoso'],
    ['sync vpp adatum\nHi all', forwarded, ''],
    ['sync vpp adatum\nHi all', `<p>&nbsp;</p>${forwarded}<p>&nbsp;</p>`, ''],
    ['<at>VPP Sync</at> status\n\nsync vpp adatum\nHi all', `<p>${mentioned}status</p>${forwarded}`, 'status'],
    ['<at>VPP Sync</at>\n\nsync vpp adatum\nHi all', `<p>${mentioned}</p>${forwarded}`, ''],
    ['something else', forwarded, ''],
    ['VPP Sync Adatum Valid\r\nstatus', `${quoted}<p>status</p>`, 'status'],
    ['VPP Sync Adatum Valid\r\n<at>VPP Sync</at> 同步', `${quoted}<p>${mentioned}同步</p>`, '同步'],
    ['VPP Sync Adatum Valid\nstatus', quoted, 'status'],
    ['status', quoted, 'status'],
    ['status', `${quoted}<p>status</p>`, 'status'],
    ['VPP Sync Adatum Valid', quoted, ''],
  ] as const) {
    test(`reads a person’s own words beside a forwarded or quoted message: ${JSON.stringify(said)}, ${own || 'none'}`, () => {
      const attachments = [null, { contentType: 'text/html', content: html }];
      const text = messageText({ text: said, recipient, attachments });
      assert.equal(cleanText(text), own);
    });
  }

  test('an entity without an id is no mention of a bot without an id', () => {
    assert.equal(
      messageText({ text: 'sync contoso', entities: [{ type: 'mention', text: 'contoso' }] }),
      'sync contoso',
    );
  });

  test('no text and no entities make it throw or leave a mention tag behind', () => {
    const tag = fc.constantFrom('<at>', '</at>', '<at id="1">', 'VPP Sync', '&nbsp;', '<', '>', ' at');
    const text = fc.array(fc.oneof(tag, fc.string())).map((parts) => parts.join(''));
    const entity = fc.oneof(
      fc.anything(),
      fc.record({ type: fc.constant('mention'), text, mentioned: fc.constant(recipient) }),
    );
    fc.assert(
      fc.property(text, fc.array(entity), (said, entities) => {
        const left = messageText({ text: said, entities, recipient });
        assert.doesNotMatch(left, /<at>VPP Sync<\/at>/);
        cleanText(left);
      }),
    );
  });
});

suite('repeat key', () => {
  const repeatKey = (activity: InboundActivity) => readInbound(activity).key;
  const press: InboundActivity = {
    type: 'invoke',
    name: 'adaptiveCard/action',
    id: 'f:1',
    conversation: { id: 'a:1' },
    value: { action: { verb: 'sync/now' } },
  };

  test('the same activity has the same key, whatever else is sent with it', () => {
    assert.equal(repeatKey({ ...press }), repeatKey(press));
    assert.equal(repeatKey({ ...press, text: 'x', locale: 'zh' }), repeatKey(press));
  });

  test('another id, conversation, type or proof makes it another activity', () => {
    const others: InboundActivity[] = [
      { ...press, id: 'f:2' },
      { ...press, conversation: { id: 'a:2' } },
      { ...press, type: 'message' },
      { ...press, value: { authentication: { token: 't' } } },
      { ...press, value: { state: 'code' } },
      { ...press, id: '1', conversation: { id: 'a:1f:' } },
    ];
    const keys = [press, ...others].map(repeatKey);
    assert.equal(new Set(keys).size, keys.length);
  });

  test('the key holds neither the proof nor the ids', () => {
    const value = { authentication: { token: 'canary-of-the-assertion' } };
    const key = repeatKey({ ...press, value });
    assert.match(key ?? '', /^[\w-]{43}$/);
  });

  test('an activity without an id cannot be recognized again', () => {
    assert.equal(repeatKey({ type: 'message', conversation: { id: 'a:1' } }), undefined);
    assert.equal(repeatKey({ type: 'message', id: '1' }), undefined);
    assert.equal(repeatKey({ type: 'message', id: '1', conversation: {} }), undefined);
  });

  test('a value of any form is no obstacle', () => {
    for (const value of [null, 5, 'x', []]) assert.equal(repeatKey({ ...press, value }), repeatKey(press));
  });
});

suite('the turn of an activity', () => {
  const activity: InboundActivity = {
    type: 'message',
    id: '1',
    serviceUrl: 'https://smba.trafficmanager.net/emea/',
    from: { id: '29:ada', aadObjectId: 'ADA', name: 'Ada' },
    recipient: { id: '28:bot' },
    conversation: { id: 'a:1', conversationType: 'personal', tenantId: 'tenant-1' },
  };
  const zoneOf = (changes: object) => readInbound({ ...activity, ...changes } as InboundActivity).turn?.timeZone;
  const clientInfo = (timezone: unknown) => [null, 'x', { type: 'mention' }, { type: 'clientInfo', timezone }];

  test('a turn knows the sender’s time zone, from the activity or else from its client information', () => {
    assert.equal(zoneOf({ localTimezone: 'Europe/Berlin' }), 'Europe/Berlin');
    assert.equal(zoneOf({ entities: clientInfo('Asia/Shanghai') }), 'Asia/Shanghai');
    assert.equal(zoneOf({ localTimezone: 'Europe/Berlin', entities: clientInfo('Asia/Shanghai') }), 'Europe/Berlin');
    assert.equal(zoneOf({ localTimezone: 'Nowhere', entities: clientInfo('Asia/Shanghai') }), 'Asia/Shanghai');
  });

  test('a zone that nobody knows is none, whatever is in its place', () => {
    assert.equal(zoneOf({}), undefined);
    for (const odd of ['W. Europe Standard Time', '', 5, {}, ['Europe/Berlin'], null]) {
      assert.equal(zoneOf({ localTimezone: odd }), undefined);
      assert.equal(zoneOf({ entities: clientInfo(odd) }), undefined);
    }
  });

  test('an activity has one reference, in the log and in the reply', () => {
    const { correlationId, turn } = readInbound(activity);
    assert.equal(turn?.correlationId, correlationId);
  });
});

suite('the kind of an activity', () => {
  const activity: InboundActivity = { type: 'message', recipient: { id: '28:bot' } };

  test('the bot comes and goes by either of Teams’ two activities; members and versions are others', () => {
    const bot = [{ id: '28:bot' }];
    const moves: readonly (readonly [Partial<InboundActivity>, string | 'other'])[] = [
      [{ type: 'installationUpdate', action: 'add' }, 'botAdded'],
      [{ type: 'installationUpdate', action: 'remove' }, 'botRemoved'],
      [{ type: 'installationUpdate', action: 'add-upgrade' }, 'other'],
      [{ type: 'installationUpdate', action: 'remove-upgrade' }, 'other'],
      [{ type: 'conversationUpdate', membersAdded: bot }, 'botAdded'],
      [{ type: 'conversationUpdate', membersRemoved: bot }, 'botRemoved'],
      [{ type: 'conversationUpdate', membersAdded: [{ id: '29:ada' }, null, {}] }, 'other'],
      [{ type: 'message', action: 'remove', membersRemoved: bot }, 'message'],
    ];
    for (const [changes, kind] of moves)
      assert.equal(readInbound({ ...activity, ...changes }).kind, kind, JSON.stringify(changes));
  });
});
