import type { Texts } from '../en.ts';
import { formats } from '../formats.ts';

const { number, wait } = formats['zh-CN'];

export const commands = {
  signIn: {
    name: '登录',
    usage: '登录',
    summary: '允许我以您的身份访问 Intune。',
  },
  signOut: {
    name: '退出',
    usage: '退出',
    summary: '清除您的登录信息。',
    menu: '清除您的登录信息',
  },
  whoami: {
    name: '我是谁',
    usage: '我是谁',
    summary: '查看您的身份以及您在 Intune 中能看到什么。',
    menu: '查看您的身份以及您在 Intune 中能看到什么',
  },
} satisfies Partial<Texts['commands']>;

export const signIn: Texts['signIn'] = {
  prompt: '请登录，以便我使用您的权限访问 Intune。',
  promptAgain: '您的登录已过期。请重新登录，我会从中断处继续。',
  consentMissing:
    '此机器人尚未获准代表您访问 Intune。请点击“登录”并同意。如果 Microsoft 提示需要管理员批准，请让管理员为整个组织批准一次此应用。',
  stepUp: '您的组织要求再验证一次，例如手机验证码。请点击“登录”完成验证，之后我会继续执行。',
  continueHeading: (person) => `以 ${person} 的身份继续？`,
  continueWhat: (person, command) => `${person} 请求执行“${command}”。`,
  continueBound: (person) => `只有 ${person} 可以继续，执行时使用其本人的 Intune 权限。`,
  continueExpires: (ms) => `此按钮将在 ${wait(ms)}后失效。`,
  continueSummary: (person) => `${person}，请点击“继续”`,
  wrongSecret: (code) => ({
    what: `无法代表您访问 Intune：Microsoft Entra 拒绝了机器人自身的凭据（${code}）。`,
    cause: '机器人的客户端密码或证书不正确，或已过期。',
    who: '此机器人的运维人员。重新登录没有帮助。',
    next: '请将下方的参考编号发给运维人员。',
  }),
  blockedByPolicy: (code) => ({
    what: `您组织的策略阻止通过此机器人访问 Intune（${code}）。`,
    cause: '条件访问或类似的策略阻止了登录。重新登录没有帮助。',
    who: '您组织的 Entra 管理员。',
    next: '请将此代码和下方的参考编号提供给管理员；Entra 的登录日志会显示是哪一项策略。',
  }),
  notInTenant: (code) => ({
    what: `您的组织尚未添加此应用（${code}）。`,
    cause: '尚无人为您的组织同意此应用，因此缺少所需的服务主体。',
    who: '您组织的 Entra 管理员。',
    next: '请让管理员为您的组织同意此应用，然后重试。',
  }),
  notConsented: (code) => ({
    what: `Microsoft Entra 仍表示尚无人同意此应用（${code}）。`,
    cause: '在您的组织中，只有管理员可以同意其权限。',
    who: '您组织的 Entra 管理员。',
    next: '请让管理员为您的组织同意此应用，然后重试。',
  }),
  versionOne: {
    what: '无法使用您的登录：Microsoft Entra 为此机器人颁发的是版本 1 令牌。',
    cause: '此机器人只接受版本 2 令牌，但其应用注册没有要求使用版本 2。',
    who: '此机器人的运维人员。重新登录没有帮助。',
    next: '请运维人员在 Entra 的应用注册中将 requestedAccessTokenVersion 设为 2。',
  },
  refused: (code) => ({
    what: `Microsoft Entra 拒绝了您对 Intune 的登录（${code}）。`,
    cause: '我不了解此代码；Microsoft 的 AADSTS 错误代码列表中有说明。',
    who: '您组织的 Entra 管理员。',
    next: '请将此代码和下方的参考编号提供给管理员。',
  }),
  throttled: (retryAfterMs) => ({
    what: 'Microsoft Entra 目前过于繁忙，无法为您登录。',
    cause: '短时间内登录请求过多。',
    who: '无需处理，会自行恢复。',
    next: retryAfterMs === undefined ? '请一分钟后重试。' : `请在 ${wait(retryAfterMs)}后重试。`,
  }),
  unavailable: {
    what: 'Microsoft Entra 没有响应，因此无法代表您访问 Intune。',
    cause: 'Entra 或中间的网络出现故障。',
    who: '通常无需处理，会自行恢复。',
    next: '请几分钟后重试。',
  },
  expiredAgain: {
    what: '您的登录凭据连续两次过期。',
    cause: 'Teams 一直提供旧的登录凭据；可能是 Teams 或此机器人的时钟不准。',
    who: '您本人；否则是此机器人的运维人员。',
    next: '请退出并重新登录 Teams，然后再试一次。',
  },
  rejected: {
    what: '此次登录无法使用。',
    cause: '它属于另一个帐户或另一个应用。',
    who: '您本人。',
    next: '请使用您在 Teams 中使用的帐户登录。',
  },
  noPerson: '未执行任何操作：Teams 没有说明消息是谁发送的。请使用您组织的帐户登录 Teams，然后重试。',
  guestNotSetUp: (tenantId) => ({
    what: '您的组织尚未启用此机器人。',
    cause: `您在这里是来宾，使用自己的组织（${tenantId}）登录，而运维人员尚未添加该组织。`,
    who: '此机器人的运维人员。',
    next: '请联系此组织的成员，或请运维人员添加您的组织。',
  }),
  failedAppMissing:
    'Teams 无法自动为您登录，因为此应用尚未添加到您的应用中。添加后下次即可自动登录；现在请点击“登录”。',
  failedRegistration: (code) =>
    `Teams 无法自动为您登录，因为此机器人的注册信息不匹配（${code}）；其运维人员可以修复。现在请点击“登录”。`,
  failed: 'Teams 无法自动为您登录。请点击“登录”，在窗口中完成登录。',
  cancelled: '登录已取消。要继续，请点击“登录”。',
  cancelledPress: '登录已取消，没有执行任何操作。要继续，请再次点击按钮。',
  codeNotAccepted: '此登录代码未被接受：已使用过、已过期，或属于其他人。请重新发起以获取新代码。',
  requestExpired: '登录完成得太晚，命令已作废，没有执行任何操作。请重新发起。',
  signedIn: (person) => `您已以 ${person} 的身份登录。`,
  signedOut: '您已退出登录，您的登录信息已全部清除。',
};

export const whoami: Texts['whoami'] = {
  heading: '您的身份与权限',
  label: { teams: 'Teams 身份', signedIn: '登录身份', tenant: '组织', intune: 'Intune 权限' },
  until: '有效期至',
  notSignedIn: '您尚未登录。需要登录的命令会提示您。',
  mayRead: (count) => `您可以看到 ${number(count)} 个令牌。`,
  seesNothing: 'Intune 有响应，但没有显示任何令牌。',
  refused: (what, cause, next) => `读取令牌时：${what}${cause}${next}`,
  notAsked: '登录后才能确定。',
  tooSlow: 'Intune 没有及时响应。',
  write: '您是否也可以同步，实际同步时才能确定：我不会为了确认而做任何更改。',
  summary: (name) => `${name}：您的身份与权限`,
};
