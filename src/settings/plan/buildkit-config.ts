import { parse } from 'smol-toml'
import * as z from 'zod'
import type { Problem } from '../problem.ts'
import { registryHost } from './logins.ts'

const option = z.boolean().optional().catch(undefined)
const schema = z.object({
  registry: z.record(z.string(), z.object({ http: option, insecure: option })).optional(),
})

/** How BuildKit is told to reach registries: those over plain HTTP, and those whose certificate it does not verify. */
export interface BuildkitRegistries {
  http: string[]
  insecure: string[]
}

/** Reads the registries of a buildkitd.toml (BuildKit's docs/buildkitd.toml.md, `[registry."host"]`). */
export function readBuildkitConfig(text: string | undefined, problems: Problem[]): BuildkitRegistries {
  if (text === undefined) return { http: [], insecure: [] }
  try {
    const registries = Object.entries(schema.parse(parse(text)).registry ?? {})
    const hostsWith = (name: 'http' | 'insecure') =>
      registries.filter(([, options]) => options[name]).map(([host]) => registryHost(host))
    return { http: hostsWith('http'), insecure: hostsWith('insecure') }
  } catch (error) {
    const [why = ''] = (error instanceof Error ? error.message : String(error)).split('\n')
    const message = `is not a valid buildkitd.toml: ${why}`
    problems.push({
      setting: 'buildkit_config',
      message,
      fix: { buildkit_config: '[registry."registry.example.com:5000"]\n  http = true' },
    })
    return { http: [], insecure: [] }
  }
}
