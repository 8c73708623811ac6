import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type BuildOptions, build, type Plugin } from 'esbuild'
import { execa } from 'execa'

/** The program as a script, which only its snapshot needs, and the snapshot. */
const names = { script: 'regguard-plugin.cjs', snapshot: 'regguard-plugin.snapshot' }

/**
 * What a snapshot cannot hold is loaded when it is first used: Node's modules, most of which have state outside the heap of V8, and
 * packages that use them while they are loaded.
 */
const lazyModules: Plugin = {
  name: 'lazy-modules',
  setup: (bundle) => {
    bundle.onResolve({ filter: /^(?:node:.*|undici|execa)$/ }, ({ path, kind }) =>
      kind === 'import-statement' && path !== 'node:v8' ? { path, namespace: 'lazy' } : undefined,
    )
    bundle.onLoad({ filter: /.*/, namespace: 'lazy' }, async ({ path }) => ({
      contents: [
        `let loaded; const load = () => loaded ??= require(${JSON.stringify(path)})`,
        ...Object.keys(await import(path)).map(
          (name) =>
            `Object.defineProperty(exports, '${name}', { enumerable: true, get: () => load()${name === 'default' ? '' : `.${name}`} })`,
        ),
      ].join('\n'),
      resolveDir: import.meta.dirname,
    }))
  },
}

/**
 * Runs the program until it could begin with a command, and writes the state of it for `node --snapshot-blob`. Two runs with the same
 * Node in the same folder give the same bytes.
 */
export async function buildSnapshot(folder: string, options: BuildOptions): Promise<void> {
  const script = join(folder, names.script)
  await build({
    ...options,
    entryPoints: [join(import.meta.dirname, '../src/snapshot.ts')],
    outfile: script,
    format: 'cjs',
    plugins: [lazyModules, ...(options.plugins ?? [])],
    // Node gives the process its number again when it starts from a snapshot.
    banner: { js: "Object.defineProperty(process, 'pid', { value: 0 })" },
  })
  const config = join(folder, 'snapshot.json')
  // With the code of Node's own modules, which V8 has for one kind of processor, the snapshot would fit no other.
  await writeFile(config, JSON.stringify({ builder: script, withoutCodeCache: true }))
  const { stderr } = await execa(
    process.execPath,
    [
      // Without them the seeds of hashes and the order of objects differ.
      ...['--random-seed=1', '--hash-seed=1', '--predictable'],
      ...['--snapshot-blob', names.snapshot, '--build-snapshot-config', config],
    ],
    { cwd: folder, env: {}, extendEnv: false },
  )
  // Node warns of each of its modules that is loaded meanwhile and that it cannot restore.
  if (stderr !== '') throw new Error(`the snapshot holds what Node cannot restore:\n${stderr}`)
  await Promise.all([rm(config), rm(script)])
}
