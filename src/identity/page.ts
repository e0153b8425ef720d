import type { Locale } from '../domain/turn.ts';
import { createSecret } from '../lib/ids.ts';

/** An HTTP answer, independent of any framework. */
export interface PageAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** The reason of a refusal, for the log; never shown, and free of tokens, codes and secrets. */
  readonly detail?: string;
  /** Correlation id in the log and on the page. */
  readonly reference?: string;
}

export interface Page {
  readonly status: number;
  readonly word: PageWord;
  /** Absent when the reader's language is unknown: then the page has both. */
  readonly locale?: Locale;
  readonly fills?: Partial<PageFills>;
  readonly detail?: string;
  /** Present for a refusal. */
  readonly reference?: string;
  /** The one-time code and the scripts that hand it to the Teams client. */
  readonly handover?: { readonly code: string; readonly scripts: readonly string[] };
}

const style = `:root{color-scheme:light dark;font:16px/1.5 system-ui,"Segoe UI","Microsoft YaHei",sans-serif}
body{margin:0;display:grid;min-height:100vh;place-items:center;background:Canvas;color:CanvasText}
main{max-width:30rem;padding:2rem}h1{font-size:1.4rem;margin:0 0 .5rem}p{margin:0 0 1rem}
code{display:inline-block;padding:.4rem .7rem;border:1px solid GrayText;border-radius:.3rem;font-size:1.05rem;user-select:all;overflow-wrap:anywhere}`;

/** Renders a small page. It may load and reach nothing, cannot be framed, is not cached and leaks no address. */
export function renderPage(page: Page): PageAnswer {
  const { status, word, locale, handover, detail, reference } = page;
  const nonce = createSecret(16);
  const locales: readonly Locale[] = locale ? [locale] : ['en', 'zh-CN'];
  const sections = locales.map((language) => renderSection(page, language));
  const title = pageWords[locales[0] ?? 'en'][word](fillsOf(page)).title;
  const scripts = (handover?.scripts ?? []).map((script) => `<script nonce="${nonce}">${script}</script>\n`);
  const body = `<!doctype html>
<html lang="${locales[0]}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title>
<style nonce="${nonce}">${style}</style>
</head>
<body${handover ? ` data-state="${escapeHtml(handover.code)}"` : ''}>
<main>
${sections.join('\n')}
</main>
${scripts.join('')}</body>
</html>
`;
  return {
    status,
    headers: pageHeaders(nonce),
    body,
    ...(detail !== undefined && { detail }),
    ...(reference !== undefined && { reference }),
  };
}

/** Headers for everything under /auth: these addresses carry codes. */
export const privateHeaders = {
  'Cache-Control': 'no-store',
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
} as const;

// No Cross-Origin-Opener-Policy: the Teams client that opened the window must be reachable from it.
function pageHeaders(nonce: string): Readonly<Record<string, string>> {
  return {
    ...privateHeaders,
    'Content-Type': 'text/html; charset=utf-8',
    'Content-Security-Policy':
      `default-src 'none'; script-src 'nonce-${nonce}'; style-src 'nonce-${nonce}'; ` +
      "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  };
}

function renderSection(page: Page, locale: Locale): string {
  const { title, text } = pageWords[locale][page.word](fillsOf(page));
  const code = page.handover ? `<p>${codeHint[locale]}</p><p><code>${escapeHtml(page.handover.code)}</code></p>` : '';
  const reference = page.reference ? `<p>${escapeHtml(pageReference[locale](page.reference))}</p>` : '';
  return `<section lang="${locale}"><h1>${escapeHtml(title)}</h1><p>${escapeHtml(text)}</p>${code}${reference}</section>`;
}

function fillsOf({ fills }: Page): PageFills {
  return { name: fills?.name ?? '', code: fills?.code ?? '' };
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
}

/** Every text that a sign-in page can show. */
export type PageWord =
  | 'signedIn'
  | 'unknownRequest'
  | 'usedRequest'
  | 'expiredRequest'
  | 'unknownState'
  | 'cancelled'
  | 'consentMissing'
  | 'otherPerson'
  | 'tenantNotAllowed'
  | 'busy'
  | 'operatorFault'
  | 'blockedByPolicy'
  | 'notInTenant'
  | 'versionOne'
  | 'refused';

interface PageText {
  readonly title: string;
  readonly text: string;
}

/** Values for the texts: the name of the person who must sign in, and Entra's error code. Plain text; the page escapes it. */
interface PageFills {
  readonly name: string;
  readonly code: string;
}

const codeHint: Readonly<Record<Locale, string>> = {
  en: 'If Teams doesn’t continue on its own, paste this code into the chat where you began:',
  'zh-CN': '如果 Teams 没有自动继续，请将此代码粘贴到您开始操作的聊天中：',
};

/** On every refusal: the correlation id in the log. */
const pageReference: Readonly<Record<Locale, (id: string) => string>> = {
  en: (id) => `Reference: ${id}`,
  'zh-CN': (id) => `参考编号：${id}`,
};

const pageWords: Readonly<Record<Locale, Readonly<Record<PageWord, (fills: PageFills) => PageText>>>> = {
  en: {
    signedIn: () => ({ title: 'Signed in', text: 'Your command continues in Teams. You can close this window.' }),
    unknownRequest: () => ({
      title: 'This sign-in link isn’t valid',
      text: 'Go back to Teams, send your command again and use the new Sign in button.',
    }),
    usedRequest: () => ({
      title: 'This sign-in is already done',
      text: 'Go back to Teams. If nothing happens there, send your command again.',
    }),
    expiredRequest: () => ({
      title: 'This sign-in link has expired',
      text: 'Go back to Teams, send your command again and use the new Sign in button.',
    }),
    unknownState: () => ({
      title: 'This sign-in is no longer open',
      text: 'It is already done, or a newer one was started. Go back to Teams and press Sign in again.',
    }),
    cancelled: () => ({
      title: 'Sign-in cancelled',
      text: 'Nothing was done. To continue, press Sign in again in Teams.',
    }),
    consentMissing: () => ({
      title: 'Permission is missing',
      text: 'Your organisation hasn’t allowed this app yet. Ask an administrator to grant its permissions, then press Sign in again in Teams.',
    }),
    otherPerson: ({ name }) => ({
      title: 'Somebody else signed in',
      text: `The command was sent by ${name}. Press Sign in again in Teams and sign in as ${name}. Nothing from this sign-in was kept.`,
    }),
    tenantNotAllowed: () => ({
      title: 'Your organisation is not set up',
      text: 'This app does not serve the organisation you signed in to. Ask the bot’s operator to add it.',
    }),
    busy: () => ({
      title: 'Microsoft Entra didn’t answer',
      text: 'Wait a minute, then press Sign in again in Teams.',
    }),
    operatorFault: ({ code }) => ({
      title: 'Microsoft Entra rejected the app’s own credentials',
      text: `Its client secret or certificate is wrong or has expired (${code}). Signing in again won’t help. Ask the bot’s operator to replace it.`,
    }),
    blockedByPolicy: ({ code }) => ({
      title: 'Your organisation’s policy blocks this sign-in',
      text: `Conditional Access, or a similar policy, doesn’t allow it (${code}). Signing in again won’t help. Show this code to an Entra administrator in your organisation; Entra’s sign-in log names the policy.`,
    }),
    notInTenant: ({ code }) => ({
      title: 'Your organisation hasn’t added this app yet',
      text: `A service principal that the app needs is missing (${code}). Ask an Entra administrator in your organisation to consent to this app, then press Sign in again in Teams.`,
    }),
    versionOne: () => ({
      title: 'The app’s registration issues version 1 tokens',
      text: 'Only version 2 tokens are accepted. Signing in again won’t help. The bot’s operator must set requestedAccessTokenVersion to 2 in the app’s registration in Entra.',
    }),
    refused: ({ code }) => ({
      title: 'Microsoft Entra refused the sign-in',
      text: `Reason: ${code}. Press Sign in again in Teams. If it still fails, show this reason to the bot’s operator.`,
    }),
  },
  'zh-CN': {
    signedIn: () => ({ title: '已登录', text: '命令将在 Teams 中继续执行，之后您可以关闭此窗口。' }),
    unknownRequest: () => ({
      title: '无法识别此登录链接',
      text: '请返回 Teams，重新发送命令并使用新的“登录”按钮。',
    }),
    usedRequest: () => ({
      title: '此登录已完成',
      text: '请返回 Teams。如果命令没有继续，请重新发送。',
    }),
    expiredRequest: () => ({
      title: '此登录链接已过期',
      text: '请返回 Teams，重新发送命令并使用新的“登录”按钮。',
    }),
    unknownState: () => ({
      title: '此登录已不再有效',
      text: '此登录已完成，或已开始新的登录。请返回 Teams 并再次点击“登录”。',
    }),
    cancelled: () => ({ title: '登录已取消', text: '未执行任何操作。要继续，请在 Teams 中再次点击“登录”。' }),
    consentMissing: () => ({
      title: '缺少权限',
      text: '您的组织尚未允许此应用。请让管理员授予权限，然后在 Teams 中再次点击“登录”。',
    }),
    otherPerson: ({ name }) => ({
      title: '登录的是其他人',
      text: `命令由 ${name} 发送。请在 Teams 中再次点击“登录”，并以 ${name} 的身份登录。此次登录的任何内容均未保留。`,
    }),
    tenantNotAllowed: () => ({
      title: '您的组织尚未设置',
      text: '此应用不为您登录的组织提供服务。请联系机器人的运维人员添加该组织。',
    }),
    busy: () => ({ title: 'Microsoft Entra 没有响应', text: '请稍等一分钟，然后在 Teams 中再次点击“登录”。' }),
    operatorFault: ({ code }) => ({
      title: 'Microsoft Entra 拒绝了应用自身的凭据',
      text: `其客户端密码或证书错误或已过期（${code}）。重新登录没有帮助。请机器人的运维人员更换凭据。`,
    }),
    blockedByPolicy: ({ code }) => ({
      title: '您组织的策略阻止了此次登录',
      text: `条件访问或类似的策略不允许此次登录（${code}）。重新登录没有帮助：请将此代码提供给您组织的 Entra 管理员，其登录日志会显示是哪一项策略。`,
    }),
    notInTenant: ({ code }) => ({
      title: '您的组织尚未添加此应用',
      text: `缺少此应用所需的服务主体（${code}）。请让您组织的 Entra 管理员同意此应用，然后在 Teams 中再次点击“登录”。`,
    }),
    versionOne: () => ({
      title: '应用注册颁发的是版本 1 令牌',
      text: '只接受版本 2 令牌。重新登录没有帮助：此机器人的运维人员必须在 Entra 的应用注册中将 requestedAccessTokenVersion 设为 2。',
    }),
    refused: ({ code }) => ({
      title: 'Microsoft Entra 拒绝了登录',
      text: `原因：${code}。请在 Teams 中再次点击“登录”；如果仍然失败，请将此原因告知机器人的运维人员。`,
    }),
  },
};
