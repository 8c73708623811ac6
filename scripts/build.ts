import { buildProgram } from './bundle.ts'

await buildProgram(process.env.DOCS_URL || undefined)
