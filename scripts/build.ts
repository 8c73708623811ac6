import { bundle } from './bundle.ts'

const outfile = new URL('../dist/regguard-plugin.mjs', import.meta.url)

await bundle(outfile.pathname, process.env.DOCS_URL || undefined)
