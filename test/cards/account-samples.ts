import { type CheckName, doctorCard, summaryOfDoctorCard } from '../../src/cards/doctor-card.ts';
import { summaryOfWhoamiCard, type WhoamiCardData, whoamiCard } from '../../src/cards/whoami-card.ts';
import type { Locale } from '../../src/domain/turn.ts';
import { textsFor } from '../../src/i18n/texts.ts';
import type { Sample } from './samples.ts';

/** Samples of the cards of whoami and doctor, in every state. */
export function* accountSamples(locale: Locale, nasty: string): Generator<Sample> {
  const explanation = { what: nasty, cause: nasty, who: nasty, next: nasty };
  const readings = [
    { kind: 'read', count: 0 },
    { kind: 'read', count: 3000 },
    { kind: 'refused', explanation, isPassing: false },
    { kind: 'refused', explanation, isPassing: true },
    { kind: 'tooSlow' },
  ] as const;
  const base = { locale, name: nasty, tenantId: nasty } as const;
  const everybody: WhoamiCardData[] = [
    { ...base, conversationKind: 'channel' },
    ...readings.map((reading) => ({
      ...base,
      conversationKind: 'personal' as const,
      signedIn: { userName: nasty, until: Date.UTC(2026, 10, 23, 15), reading },
    })),
  ];
  for (const data of everybody) {
    yield {
      name: `whoami ${data.conversationKind} ${data.signedIn?.reading.kind}`,
      card: whoamiCard(data),
      summary: summaryOfWhoamiCard(data),
    };
  }
  const names = Object.keys(textsFor(locale).doctor.name) as CheckName[];
  for (const tone of ['good', 'warning', 'attention'] as const) {
    const finding = { tone, text: nasty, ...(tone !== 'good' && { fix: nasty }) };
    const data = { locale, findings: names.map((name) => ({ name, finding })), isOperator: true, reference: nasty };
    yield { name: `doctor ${tone}`, card: doctorCard(data), summary: summaryOfDoctorCard(data) };
    const forOperator = { ...finding, ...(tone !== 'good' && { isForOperator: true as const }) };
    const others = { ...data, findings: names.map((name) => ({ name, finding: forOperator })), isOperator: false };
    const asked = { ...others, support: 'it@contoso.example.com' };
    yield { name: `doctor ${tone} for others`, card: doctorCard(asked), summary: summaryOfDoctorCard(asked) };
  }
}
