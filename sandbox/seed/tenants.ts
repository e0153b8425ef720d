import type { SandboxTenant } from '../contract.ts';

export const contoso: SandboxTenant = {
  id: '3f1a6b52-8c0d-4e7a-9b24-6d5c1e0f7a11',
  name: 'Contoso',
  domain: 'contoso.example.com',
  usesBot: true,
};

export const bjorkdal: SandboxTenant = {
  id: '91d4c7e0-2b6f-4a38-8d15-f0a3b9c6e222',
  name: 'Björkdal Schools',
  domain: 'bjorkdal.example.org',
  usesBot: true,
};

/** Where the guest is at home. */
export const northwind: SandboxTenant = {
  id: 'e8b05d3c-61f7-4c92-a4de-27b8d1f09333',
  name: 'Northwind Partners',
  domain: 'northwind.example.net',
  usesBot: false,
};

export const seedTenants: readonly SandboxTenant[] = [contoso, bjorkdal, northwind];
