import type { Texts } from '../en.ts';
import { formats } from '../formats.ts';

const { and, date, duration, number } = formats['zh-CN'];

export const commands = {
  doctor: {
    name: '诊断',
    usage: '诊断',
    summary: '检查从聊天到 Intune 的每个环节，并说明如何解决问题。',
    menu: '检查从聊天到 Intune 的每个环节，并说明如何解决问题',
  },
} satisfies Partial<Texts['commands']>;

const inBrackets = (code: string) => (code === '' ? '' : `（${code}）`);

export const doctor: Texts['doctor'] = {
  heading: '诊断',
  well: '未发现问题',
  toFix: (count) => `发现 ${number(count)} 个问题`,
  toCheck: (count) => `有 ${number(count)} 项需要检查`,
  passed: (count) => `${number(count)} 项检查通过`,
  forOperator: (count, support) =>
    `其中 ${number(count)} 项需要此机器人的运维人员处理。请将下方的参考编号提供给${support === undefined ? '运维人员' : ` ${support}`}。`,
  summary: (verdict) => `诊断：${verdict}`,
  name: {
    registration: 'Teams 注册',
    inboundKeys: 'Teams 的签名密钥',
    address: '公开地址',
    signIn: '您的登录',
    consent: '权限同意',
    role: '您的 Intune 角色',
    monitoring: '监控',
    connectors: '其他 Apple 连接器',
    clock: '时钟',
    audit: '审计日志',
    store: '数据库',
    version: '版本',
  },
  tooSlow: (ms) => ({
    text: `${duration(ms)}内没有响应。`,
    fix: '请一分钟后重试。如果持续出现，请运维人员检查网络和 Microsoft 的服务运行状况。',
  }),
  broken: { text: '机器人内部出错，无法检查此项。', fix: '请将下方的参考编号发给运维人员。' },
  registration: {
    good: 'Teams 发来的消息签名有效，Teams 也接受我发送的消息。',
    refused: (status) => ({
      text: `Teams 发来的消息签名有效，但 Teams 拒绝了我发送的消息（${status}）。`,
      fix: '请运维人员检查 BOT_ID、BOT_TYPE 和 BOT_PASSWORD 是否属于同一个机器人注册。',
    }),
    unreachable: {
      text: 'Teams 发来的消息签名有效，但我无法连接 Teams。',
      fix: '请运维人员允许到 Teams 连接器的出站连接。',
    },
  },
  inboundKeys: {
    good: '已读取，伪造的消息会被拒绝。',
    missing: {
      text: '无法读取，因此无法验证新消息。',
      fix: '请运维人员允许到通道 OpenID 文档地址的出站连接。',
    },
  },
  address: {
    good: '使用 https。',
    loopback: { text: '仅本机可访问：这是演练环境。', fix: '正式使用时，请运维人员将 PUBLIC_URL 设为 https 地址。' },
    insecure: {
      text: '没有使用 https，因此 Teams 不会打开登录窗口。',
      fix: '请运维人员将 PUBLIC_URL 设为 https 地址。',
    },
  },
  signIn: {
    good: (person) => `您已以 ${person} 的身份登录。`,
    missing: { text: '您尚未登录。', fix: '请输入“登录”，然后再次输入“诊断”，以检查更多项目。' },
    refused: (what, cause) => `登录失败：${what}${cause}`,
    fix: (who, next) => `${next}谁可以解决：${who}`,
    stepUp: {
      text: '您的组织要求再验证一次，我才能代表您访问 Intune。',
      fix: '请输入“登录”，点击“登录”并完成验证。',
    },
  },
  consent: {
    good: '您的登录包含我需要的 Microsoft Graph 权限。',
    unreadable: 'Microsoft Entra 已签发用于 Intune 的登录凭据。',
    lacks: (scopes) => ({
      text: `您的登录不包含 ${and(scopes)}。`,
      fix: '请让 Entra 管理员同意此应用的权限，然后依次输入“退出”和“登录”。',
    }),
    missing: {
      text: 'Microsoft Entra 表示您的组织中尚无人同意此应用。',
      fix: '请让 Entra 管理员为整个组织同意一次此应用的权限。',
    },
    notKnown: { text: '登录后才能得知。', fix: '请输入“登录”，然后再输入“诊断”。' },
  },
  role: {
    good: (count) => `Intune 向您显示了 ${number(count)} 个令牌。`,
    nothing: {
      text: 'Intune 有响应，但没有显示任何令牌。',
      fix: '请询问 Intune 管理员是否有令牌，以及令牌是否因您的作用域标记而不可见。',
    },
    refused: (what, cause) => `读取令牌时：${what}${cause}`,
    notKnown: { text: '登录后才能得知。', fix: '请输入“登录”，然后再输入“诊断”。' },
  },
  monitoring: {
    good: '我自身对您组织令牌的只读访问正常。',
    off: { text: '监控已关闭，令牌即将出现问题时不会有人收到提醒。', fix: '运维人员可以将 MONITOR 设为 on。' },
    consent: {
      text: '我在您的组织中没有自身的读取权限。',
      fix: '请让 Entra 管理员同意此应用的应用程序权限。',
    },
    lacks: (roles) => ({
      text: `我自身在您组织中的权限缺少 ${and(roles)}。`,
      fix: '请让 Entra 管理员同意此应用的应用程序权限。',
    }),
    wrongSecret: (code) => ({
      text: `Microsoft Entra 拒绝了我：应用的密码或证书错误或已过期${inBrackets(code)}。`,
      fix: '请运维人员更新应用的凭据，例如 AAD_APP_CLIENT_SECRET；“npm run preflight”会指出是哪一个。',
    }),
    blockedByPolicy: (code) => ({
      text: `您组织的策略（例如针对应用的条件访问）阻止了我自身的登录${inBrackets(code)}。`,
      fix: '请将此代码告知您组织的 Entra 管理员；Entra 的登录日志会显示是哪一项策略。',
    }),
    notInTenant: (code) => ({
      text: `您的组织缺少我所需的服务主体${inBrackets(code)}。`,
      fix: '请让您组织的 Entra 管理员同意此应用。',
    }),
    tenantNotAllowed: {
      text: '您的组织尚未设置使用此机器人。',
      fix: '运维人员可以将其加入 ALLOWED_TENANTS。',
    },
    throttled: { text: 'Microsoft Entra 目前过于繁忙，无法检查。', fix: '请一分钟后重试。' },
    unavailable: {
      text: 'Microsoft Entra 没有响应。',
      fix: '请几分钟后重试；如果持续出现，请运维人员检查网络。',
    },
    refused: (code) => ({
      text: `Microsoft Entra 拒绝了我（${code}）。`,
      fix: '请将此代码告知您组织的 Entra 管理员。',
    }),
    notYet: '第一次检查尚未结束。',
    lastGood: (age) => `上次成功检查是在 ${age}前。`,
    neverGood: '至今没有成功过。',
    overdue: (age) => ({
      text: `早该再次检查令牌：上次检查是在 ${age}前。`,
      fix: '请运维人员查看日志和数据库。',
    }),
    failed: {
      tokens: (count) => `最近 ${number(count)} 次检查您组织的令牌都失败了。`,
      licenses: (count) => `最近 ${number(count)} 次检查您组织的许可证都失败了；令牌仍在监控中。`,
    },
    why: {
      forbidden: {
        text: 'Intune 拒绝了我，但没有说明原因。',
        fix: '请询问 Intune 管理员组织的 Intune 许可证是否有效，并重新同意此应用的应用程序权限。',
      },
      busy: { text: 'Microsoft 拒绝了我的更多请求。', fix: '无需操作：我会自动再次检查。' },
      noAnswer: { text: 'Microsoft 没有响应。', fix: '如果持续出现，请运维人员检查网络和 Microsoft 的服务运行状况。' },
      unreadable: {
        text: '我无法读取 Microsoft Graph 的响应。',
        fix: '如果持续出现，请运维人员查看日志和 Microsoft 的服务运行状况。',
      },
      other: { text: '我不了解这种故障。', fix: '请运维人员查看日志。' },
    },
  },
  clock: {
    good: '与 Microsoft 的时钟一致。',
    wrong: (ms) => ({
      text: `与 Microsoft 的时钟相差 ${duration(ms)}，有效的登录可能会被拒绝。`,
      fix: '请运维人员通过网络同步计算机的时钟。',
    }),
    notKnown: {
      text: 'Microsoft Graph 没有返回时间。',
      fix: '请运维人员允许到 Microsoft Graph 的出站连接。',
    },
  },
  store: {
    good: (step, age) => `可以读取和写入。最新迁移：${step}，${age}。`,
    broken: {
      text: '无法读取或写入，命令和登录会丢失。',
      fix: '请运维人员检查 DATABASE_URL、磁盘空间及其权限。',
    },
  },
  audit: {
    none: '尚无记录。',
    good: (count, since) => `自 ${date(since)} 以来的 ${number(count)} 条记录均未被更改。`,
    unproven: (entry, at) => ({
      text: `无法验证第 ${number(entry)} 条及之前的记录：它们使用另一个密钥签名${at === undefined ? '' : `（至 ${date(at)}）`}。`,
      fix: '请运维人员运行“npm run audit -- check”：它会说明该怎么做。',
    }),
    broken: (entry, at) => ({
      text: `从第 ${number(entry)} 条起，记录在写入后被更改${at === undefined ? '' : `（${date(at)}）`}。`,
      fix: '运维人员应保持数据库原样，并与备份和之前的导出进行比对。',
    }),
  },
  version: (version) => `当前版本：VPP Sync ${version}`,
};
