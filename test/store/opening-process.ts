// Opens the database it is given, as a starting bot does, and closes it again.
import { openDatabase } from '../../src/store/database.ts';

const db = await openDatabase(JSON.parse(process.argv[2] ?? ''));
await db.destroy();
