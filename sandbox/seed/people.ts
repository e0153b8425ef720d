import type { SandboxPerson } from '../contract.ts';
import { bjorkdal, contoso, northwind } from './tenants.ts';

/** Nobody here exists. */
export const seedPeople: readonly SandboxPerson[] = [
  {
    key: 'ada',
    name: 'Ada Lindqvist',
    title: 'Endpoint administrator',
    tenantId: contoso.id,
    aadObjectId: '0a1d7c64-5e92-4f3b-8a60-1b2c3d4e5a01',
    teamsId: '29:1ada-rehearsal-Kq7vXw2mTzB4',
    userPrincipalName: 'ada.lindqvist@contoso.example.com',
    role: 'full',
    locale: 'en-US',
  },
  {
    key: 'elif',
    name: 'Elif Karaduman',
    title: 'Endpoint administrator',
    tenantId: contoso.id,
    aadObjectId: '0a1d7c64-5e92-4f3b-8a60-1b2c3d4e5a02',
    teamsId: '29:1elif-rehearsal-Pd3nYc8sLfH1',
    userPrincipalName: 'elif.karaduman@contoso.example.com',
    role: 'full',
    locale: 'en-GB',
  },
  {
    key: 'bruno',
    name: 'Bruno Okafor-Reyes',
    title: 'Help desk',
    tenantId: contoso.id,
    aadObjectId: '0a1d7c64-5e92-4f3b-8a60-1b2c3d4e5a03',
    teamsId: '29:1bruno-rehearsal-Rt5jUe9kVaG6',
    userPrincipalName: 'bruno.okafor-reyes@contoso.example.com',
    role: 'readOnly',
    locale: 'en-US',
  },
  {
    key: 'chen',
    name: '陈语安',
    title: '门店设备管理员',
    tenantId: contoso.id,
    aadObjectId: '0a1d7c64-5e92-4f3b-8a60-1b2c3d4e5a04',
    teamsId: '29:1chen-rehearsal-Wb8hNo4dQiS7',
    userPrincipalName: 'chen.yuan@contoso.example.com',
    role: 'scopeLimited',
    scopeTagIds: ['7'],
    locale: 'zh-CN',
  },
  {
    key: 'dana',
    name: 'Dana Whitlock-Sato',
    title: 'Finance',
    tenantId: contoso.id,
    aadObjectId: '0a1d7c64-5e92-4f3b-8a60-1b2c3d4e5a05',
    teamsId: '29:1dana-rehearsal-Zm2gCx6fRyJ9',
    userPrincipalName: 'dana.whitlock-sato@contoso.example.com',
    role: 'none',
    locale: 'en-US',
  },
  {
    key: 'gita',
    name: 'Gita Ferreira-Lund',
    title: 'Consultant (guest)',
    tenantId: northwind.id,
    guestIn: contoso.id,
    aadObjectId: '7c4e91b8-03ad-4d26-b5f7-9e8d7c6b5a06',
    teamsId: '29:1gita-rehearsal-Hs9wMk3bEoN5',
    userPrincipalName: 'gita@northwind.example.net',
    role: 'guest',
    locale: 'en-US',
  },
  {
    key: 'signe',
    name: 'Signe Holmgren-Åkesson',
    title: 'IT for all schools',
    tenantId: bjorkdal.id,
    aadObjectId: '4d8f20a6-b73c-4e15-96c1-5f4e3d2c1a07',
    teamsId: '29:1signe-rehearsal-Fv1xTp7zDuK2',
    userPrincipalName: 'signe.holmgren@bjorkdal.example.org',
    role: 'full',
    locale: 'sv-SE',
  },
];

/** Endpoint administrators of the company beside those that have names: `crowd-1`, `crowd-2` and so on. */
export function createCrowd(count: number): SandboxPerson[] {
  return Array.from({ length: count }, (_, index) => {
    const number = String(index + 1);
    return {
      key: `crowd-${number}`,
      name: `Colleague ${number}`,
      title: 'Endpoint administrator',
      tenantId: contoso.id,
      aadObjectId: `0a1d7c64-5e92-4f3b-8a60-c0${number.padStart(10, '0')}`,
      teamsId: `29:1crowd-rehearsal-${number}`,
      userPrincipalName: `crowd.${number}@${contoso.domain}`,
      role: 'full',
      locale: 'en-US',
    };
  });
}
