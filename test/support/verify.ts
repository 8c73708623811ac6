import type { AuthSource } from '../../src/observe/credentials/credentials.ts'
import type { Report } from '../../src/report/schema.ts'
import { type CiRun, readCi } from '../../src/settings/ci/ci.ts'
import { planTargets } from '../../src/settings/plan/plan.ts'
import { readSettings } from '../../src/settings/read.ts'
import { verify } from '../../src/verify.ts'

/** Options of a verification in this process. */
export type VerifyTestOptions = {
  settings?: Record<string, string>
  ci?: CiRun
  signal?: AbortSignal
  secrets?: string[]
  authorities?: string[]
  env?: Record<string, string>
  authSources?: AuthSource[]
  certsRoot?: string
  now?: () => number
}

/** Runs the real verification of references in this process; settings by name. */
export function verifyImages(images: string[], options: VerifyTestOptions = {}): Promise<Report> {
  return verifySettings({ images: images.join(','), ...options.settings }, options)
}

/** Runs the real verification of everything that a registry lists. */
export function verifyCatalog(host: string, options: VerifyTestOptions = {}): Promise<Report> {
  return verifySettings({ catalog: 'true', registry: host, ...options.settings }, options)
}

async function verifySettings(settings: Record<string, string>, options: VerifyTestOptions): Promise<Report> {
  // The machine that runs the tests is not a CI runner.
  const given = { checks: 'image,registry,path', ...settings }
  const read = readSettings({}, new Map(Object.entries(given)))
  if (!read.ok) throw new Error(JSON.stringify(read.problems))
  const plan = planTargets(read.value, { images: [] })
  if (!plan.ok) throw new Error(JSON.stringify(plan.problems))
  return verify({
    settings: read.value,
    plan: plan.value,
    ci: options.ci ?? readCi({}),
    version: '0.0.0-test',
    authorities: options.authorities ?? [],
    authSources: options.authSources ?? [],
    // Isolated from the machine that runs the tests.
    certsRoot: options.certsRoot ?? '/nowhere/certs.d',
    env: options.env ?? {},
    signal: options.signal ?? new AbortController().signal,
    keepSecret: (secret) => options.secrets?.push(secret),
    progress: () => {},
    now: options.now ?? Date.now,
  })
}

/** The ids of the causes of a report, without notes. */
export const causeIds = (report: Report): string[] =>
  report.causes.filter(({ severity }) => severity !== 'note').map(({ id }) => id)

/** The ids of the notes of a report. */
export const noteIds = (report: Report): string[] =>
  report.causes.filter(({ severity }) => severity === 'note').map(({ id }) => id)
