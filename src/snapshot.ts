import { startupSnapshot } from 'node:v8'
import { run } from './process.ts'
// Every command but the plain ones begins with them. Evaluated while the snapshot is built, they cost a run nothing.
import './cli/arguments.ts'
import './cli/commands/verify.ts'

// The entry of the startup snapshot that the image runs (docs/decisions/0035-startup-snapshot.md).
startupSnapshot.setDeserializeMainFunction(() => void run())
