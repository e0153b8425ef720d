// Loaded before each test file: writes down what passed between the bot and every rehearsal of that file's process.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SandboxContext } from '../../sandbox/contract.ts';
import { type Traffic, trafficChannel } from '../../sandbox/server.ts';
import type { Recorded } from './verdict.ts';

const folder = process.env.RECORD_FOLDER;
const recorded: Recorded[] = [];
const rehearsals = new Map<SandboxContext, number>();

function record(message: unknown): void {
  const { context, ...seen } = message as Traffic;
  const rehearsal = rehearsals.get(context) ?? rehearsals.size;
  rehearsals.set(context, rehearsal);
  recorded.push({ ...seen, rehearsal });
}

// The stand-ins' own tests speak to Graph and Entra by themselves; no bot takes part in them.
const file = process.argv[1] ?? '';
if (folder && !file.includes('/test/sandbox/')) {
  trafficChannel.subscribe(record);
  process.on('exit', () => {
    if (recorded.length > 0) writeFileSync(join(folder, `${process.pid}.json`), JSON.stringify({ file, recorded }));
  });
}
