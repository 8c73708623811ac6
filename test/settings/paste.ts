import { platformName } from '../../src/oci/platform.ts'
import { referenceName } from '../../src/oci/reference.ts'
import { readCommit } from '../../src/settings/ci/commit.ts'
import { type Plan, type PushRecord, planTargets } from '../../src/settings/plan/plan.ts'
import { readSettings } from '../../src/settings/read.ts'
import { type Compile, compileSettings } from './woodpecker.ts'

/** A step's surroundings beside its settings. */
export interface Around extends Compile {
  /** Woodpecker's variables; a push to the default branch where none are given. */
  env?: Record<string, string>
  record?: Partial<PushRecord>
}

/** What became of a pasted block, in the words of a test. */
export interface Pasted {
  refs: string[]
  platforms: string[]
  /** The digest that each of them must have. */
  expected: (string | undefined)[]
  /** `registry user`, in order. */
  logins: string[]
  notes: string[]
  /** Why nothing is verified. */
  nothing: string | undefined
  /** `setting: message`. */
  problems: string[]
  /** Names that were complained of. */
  unknown: string[]
}

export const pushTo = (branch: string): Record<string, string> => ({
  CI_PIPELINE_EVENT: 'push',
  CI_COMMIT_REF: `refs/heads/${branch}`,
  CI_COMMIT_BRANCH: branch,
  CI_REPO_DEFAULT_BRANCH: 'main',
})

export const tagged = (tag: string): Record<string, string> => ({
  CI_PIPELINE_EVENT: 'tag',
  CI_COMMIT_REF: `refs/tags/${tag}`,
  CI_COMMIT_TAG: tag,
  CI_REPO_DEFAULT_BRANCH: 'main',
})

/** Takes a `settings:` block of a build step, gives what regguard makes of it in the same place. */
export function paste(yaml: string, { env = pushTo('main'), record, ...compile }: Around = {}): Pasted {
  const secrets = { token: 's3cret-token', other: 's3cret-other', ...compile.secrets }
  const all = { CI: 'woodpecker', ...env, ...compileSettings(yaml, { ...compile, secrets }) }
  const read = readSettings(all)
  const plan = planTargets(read.value, { images: [], ...record }, read.ok ? [] : read.problems, {
    given: read.given,
    commit: readCommit(all),
  })
  const found: Partial<Plan> = plan.ok ? plan.value : {}
  return {
    refs: (found.targets ?? []).map(({ reference }) => referenceName(reference)),
    expected: (found.targets ?? []).map(({ expected }) => expected?.digest),
    platforms: (found.platforms ?? []).map(platformName),
    logins: (found.logins ?? []).map(({ registry, username }) => `${registry} ${username}`),
    notes: found.notes ?? [],
    nothing: found.nothing,
    problems: plan.ok ? [] : plan.problems.map(({ setting, message }) => `${setting}: ${message}`),
    unknown: read.ok ? read.unknown : [],
  }
}
