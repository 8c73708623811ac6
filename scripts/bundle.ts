import { chmod, readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { type BuildOptions, build, type Plugin } from 'esbuild'
import about from '../package.json' with { type: 'json' }
import { docsUrlRule, isDocsUrl } from '../src/settings/docs-url.ts'
import { buildSnapshot } from './snapshot.ts'

const root = new URL('..', import.meta.url)

/** The oldest Node that runs the bundle, from package.json. */
const oldestNode = (/(\d+)\.(\d+)/.exec(about.engines.node) ?? []).slice(1)

/** Puts the pages of docs/findings into the bundle, in place of the file that reads them. */
const pages: Plugin = {
  name: 'pages',
  setup: (bundle) => {
    bundle.onLoad({ filter: /cli\/pages\.ts$/ }, async () => {
      const folder = new URL('docs/findings/', root)
      const names = (await readdir(folder)).filter((name) => name.endsWith('.md'))
      const texts: Record<string, string> = {}
      for (const name of names.sort()) {
        texts[name.replace(/\.md$/, '')] = await readFile(new URL(name, folder), 'utf8')
      }
      return {
        loader: 'ts',
        contents: `const pages: Record<string, string> = ${JSON.stringify(texts)}
          export const pageText = async (id: string) => Object.hasOwn(pages, id) ? pages[id] : undefined`,
      }
    })
  },
}

/** Puts the address of the pages into the bundle; without one the file stays as it is. */
const docsUrlPlugin = (docsUrl: string | undefined): Plugin => ({
  name: 'docs-url',
  setup: (bundle) => {
    if (docsUrl === undefined) return
    bundle.onLoad({ filter: /cli\/docs-url\.ts$/ }, () => ({
      loader: 'ts',
      contents: `export const defaultDocsUrl: string | undefined = ${JSON.stringify(docsUrl)}`,
    }))
  },
})

/**
 * undici's front door loads fetch, WebSocket, caches and mocks, 14 MB of memory that no run needs (measured); the
 * bundle takes the agents and their request methods alone, as undici's own index.js puts them together.
 */
const slimUndici: Plugin = {
  name: 'slim-undici',
  setup: (bundle) => {
    bundle.onResolve({ filter: /^undici$/ }, () => ({ path: 'undici', namespace: 'slim' }))
    bundle.onLoad({ filter: /.*/, namespace: 'slim' }, () => ({
      resolveDir: root.pathname,
      contents: `const Dispatcher = require('undici/lib/dispatcher/dispatcher')
        Object.assign(Dispatcher.prototype, require('undici/lib/api'))
        module.exports = {
          Agent: require('undici/lib/dispatcher/agent'),
          // Only a cluster's API is reached with it.
          get ProxyAgent() { return require('undici/lib/dispatcher/proxy-agent') },
        }`,
    }))
  },
}

/** zod re-exports its messages in 50 languages, a sixth of the bundle; the English ones are loaded directly. */
const slimZod: Plugin = {
  name: 'slim-zod',
  setup: (bundle) => {
    bundle.onLoad({ filter: /zod\/v4\/locales\/index\.js$/ }, () => ({ contents: 'export {}' }))
  },
}

/**
 * Node's own modules are required and not imported: an import of a name that an older Node lacks fails before the first statement, and
 * nothing could say which Node is needed.
 */
const requiredModules: Plugin = {
  name: 'required-modules',
  setup: (bundle) => {
    bundle.onResolve({ filter: /^node:/ }, ({ path, kind }) =>
      kind === 'require-call' ? { path, external: true } : { path, namespace: 'required' },
    )
    bundle.onLoad({ filter: /.*/, namespace: 'required' }, ({ path }) => ({
      contents: `module.exports = require(${JSON.stringify(path)})`,
    }))
  },
}

/** The first statements of each file of the bundle, in the language of any Node that has modules. Exit code 2: nothing was verified. */
const preamble = `import { createRequire as __createRequire } from 'node:module'
const require = __createRequire(import.meta.url)
{
  const [major, minor] = process.versions.node.split('.').map(Number)
  const [needsMajor, needsMinor] = [${oldestNode.join(', ')}]
  if (major < needsMajor || (major === needsMajor && minor < needsMinor)) {
    console.log('regguard needs Node ${oldestNode.join('.')} or later, and this is Node ' + process.versions.node + '; its image brings its own.')
    process.exit(2)
  }
}`

/**
 * Builds the program into one file, which can be copied to any place alone. `docsUrl` is the default of the setting `docs_url` there.
 */
export async function bundle(outfile: string, docsUrl: string | undefined): Promise<void> {
  await build({ ...optionsFor(docsUrl), outfile })
  await chmod(outfile, 0o755)
}

/**
 * Builds the program into a folder, as `regguard-plugin.mjs` and the parts that it loads when a command needs them. It starts in
 * less time and takes less memory than the one file, all of which Node parses at each start.
 */
async function bundleInParts(folder: string, docsUrl: string | undefined): Promise<void> {
  await rm(folder, { recursive: true, force: true })
  await build({
    ...optionsFor(docsUrl),
    outdir: folder,
    splitting: true,
    entryNames: 'regguard-plugin',
    chunkNames: 'parts/[name]-[hash]',
    outExtension: { '.js': '.mjs' },
  })
  await chmod(join(folder, 'regguard-plugin.mjs'), 0o755)
  await bundleSnapshot(folder, docsUrl)
}

/** Builds the startup snapshot of the program into a folder that exists. */
export async function bundleSnapshot(folder: string, docsUrl: string | undefined): Promise<void> {
  const { banner: _preamble, ...options } = optionsFor(docsUrl)
  await buildSnapshot(folder, options)
}

/** Builds both into `dist`: the file for whoever copies it, and in `dist/image` the folder that the image contains. */
export async function buildProgram(docsUrl: string | undefined): Promise<void> {
  const dist = new URL('dist/', root).pathname
  await Promise.all([
    bundle(join(dist, 'regguard-plugin.mjs'), docsUrl),
    bundleInParts(join(dist, 'image'), docsUrl),
  ])
}

function optionsFor(docsUrl: string | undefined): BuildOptions {
  if (docsUrl !== undefined && !isDocsUrl(docsUrl)) throw new Error(`DOCS_URL “${docsUrl}” ${docsUrlRule}`)
  return {
    entryPoints: [new URL('src/main.ts', root).pathname],
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: `node${oldestNode.join('.')}`,
    sourcemap: true,
    sourcesContent: false,
    legalComments: 'eof',
    // Node keeps the text of what it runs in memory.
    minifyWhitespace: true,
    plugins: [pages, docsUrlPlugin(docsUrl), slimUndici, slimZod, requiredModules],
    banner: { js: preamble },
    logLevel: 'warning',
  }
}
