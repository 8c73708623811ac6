import { chmod, readdir, readFile } from 'node:fs/promises'
import { build, type Plugin } from 'esbuild'
import { docsUrlRule, isDocsUrl } from '../src/settings/docs-url.ts'

const root = new URL('..', import.meta.url)

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
 * bundle takes the Agent and its request methods alone, as undici's own index.js puts them together.
 */
const slimUndici: Plugin = {
  name: 'slim-undici',
  setup: (bundle) => {
    bundle.onResolve({ filter: /^undici$/ }, () => ({ path: 'undici', namespace: 'slim' }))
    bundle.onLoad({ filter: /.*/, namespace: 'slim' }, () => ({
      resolveDir: root.pathname,
      contents: `const Dispatcher = require('undici/lib/dispatcher/dispatcher')
        Object.assign(Dispatcher.prototype, require('undici/lib/api'))
        module.exports = { Agent: require('undici/lib/dispatcher/agent') }`,
    }))
  },
}

/** Builds the program into one file. `docsUrl` is the default of the setting `docs_url` there. */
export async function bundle(outfile: string, docsUrl: string | undefined): Promise<void> {
  if (docsUrl !== undefined && !isDocsUrl(docsUrl)) throw new Error(`DOCS_URL “${docsUrl}” ${docsUrlRule}`)
  await build({
    entryPoints: [new URL('src/main.ts', root).pathname],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node22.19',
    sourcemap: true,
    sourcesContent: false,
    legalComments: 'eof',
    plugins: [pages, docsUrlPlugin(docsUrl), slimUndici],
    // undici is CommonJS and requires Node's own modules.
    banner: {
      js: "import { createRequire as __createRequire } from 'node:module'\nconst require = __createRequire(import.meta.url)",
    },
    logLevel: 'warning',
  })
  await chmod(outfile, 0o755)
}
