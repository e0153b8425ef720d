// Fills, checks and zips the Teams app: npm run package-app -- --env dev
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { parseArgs, parseEnv } from 'node:util';
import { crc32, deflateRawSync } from 'node:zlib';
import { AppManifestUtils } from '@microsoft/app-manifest';
import { fillManifest } from './fill-manifest.ts';

/** What the manifest names, beside itself. */
const others = ['color.png', 'outline.png', 'zh-cn.json'];

export interface PackageFile {
  readonly name: string;
  readonly content: Buffer;
}

/**
 * A zip archive of files without folders. The same files make the same bytes, whenever and wherever: they bear the first date that zip
 * can say. Source: PKWARE APPNOTE 4.3.
 */
export function zip(files: readonly PackageFile[]): Buffer {
  const local: Buffer[] = [];
  const central: Buffer[] = [];
  let offset = 0;
  for (const { name, content } of files) {
    const path = Buffer.from(name);
    const packed = deflateRawSync(content, { level: 9 });
    // Version 2.0, names in UTF-8, deflate, midnight of 1980-01-01, and no extra field.
    const shared = Buffer.alloc(26);
    shared.writeUInt16LE(20, 0);
    shared.writeUInt16LE(0x0800, 2);
    shared.writeUInt16LE(8, 4);
    shared.writeUInt16LE(0x0021, 8);
    shared.writeUInt32LE(crc32(content), 10);
    shared.writeUInt32LE(packed.length, 14);
    shared.writeUInt32LE(content.length, 18);
    shared.writeUInt16LE(path.length, 22);
    const entry = Buffer.concat([signature(0x04034b50), shared, path, packed]);
    // After the shared part: comment, disk, attributes, and where the entry begins.
    const rest = Buffer.alloc(14);
    rest.writeUInt32LE(offset, 10);
    local.push(entry);
    central.push(Buffer.concat([signature(0x02014b50), Buffer.from([20, 0]), shared, rest, path]));
    offset += entry.length;
  }
  const directory = Buffer.concat(central);
  const end = Buffer.alloc(18);
  end.writeUInt16LE(files.length, 4);
  end.writeUInt16LE(files.length, 6);
  end.writeUInt32LE(directory.length, 8);
  end.writeUInt32LE(offset, 12);
  return Buffer.concat([...local, directory, signature(0x06054b50), end]);
}

function signature(of: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(of);
  return bytes;
}

type Variables = Readonly<Record<string, string | undefined>>;

/** Variables as the Toolkit reads them: the shell wins over `env/.env.{name}.user`, which wins over `env/.env.{name}`. */
export function readEnvironment(name: string, folder: URL, shell: Variables): Variables {
  const [own, user] = ['', '.user'].map((ending) => {
    try {
      return parseEnv(readFileSync(new URL(`.env.${name}${ending}`, folder), 'utf8'));
    } catch (error) {
      const isAbsent = (error as NodeJS.ErrnoException).code === 'ENOENT';
      if (isAbsent && ending !== '') return {};
      throw new Error(
        isAbsent
          ? `There is no env/.env.${name}: copy env/.env.dev and fill it in.`
          : `env/.env.${name}${ending} cannot be read: ${(error as Error).message}`,
      );
    }
  });
  return { ...own, ...user, ...Object.fromEntries(Object.entries(shell).filter(([, value]) => value)) };
}

/** The package's files. Throws a sentence for each value that is missing or odd, and for what is not of the manifest's schema. */
export async function packageFiles(variables: Variables, appPackage: URL): Promise<readonly PackageFile[]> {
  const manifest = fillManifest(readFileSync(new URL('manifest.json', appPackage), 'utf8'), variables);
  const faults = await AppManifestUtils.validateAgainstSchema(JSON.parse(manifest));
  if (faults.length > 0) throw new Error(`The manifest is not of its schema: ${faults.join('; ')}`);
  return [
    { name: 'manifest.json', content: Buffer.from(manifest) },
    ...others.map((name) => ({ name, content: readFileSync(new URL(name, appPackage)) })),
  ];
}

if (import.meta.main) {
  const root = new URL('../', import.meta.url);
  try {
    const { env = '' } = parseArgs({ options: { env: { type: 'string' } } }).values;
    if (!/^[\w-]+$/.test(env)) throw new Error('Say which environment: npm run package-app -- --env dev');
    const appPackage = new URL('appPackage/', root);
    const files = await packageFiles(readEnvironment(env, new URL('env/', root), process.env), appPackage);
    mkdirSync(new URL('build/', appPackage), { recursive: true });
    // Named as the Toolkit names them.
    const [manifest] = files;
    if (manifest) writeFileSync(new URL(`build/manifest.${env}.json`, appPackage), manifest.content);
    writeFileSync(new URL(`build/appPackage.${env}.zip`, appPackage), zip(files));
    process.stdout.write(`Made appPackage/build/appPackage.${env}.zip.\n`);
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : error}\n`);
    process.exitCode = 1;
  }
}
