import { platformName } from '../../src/oci/platform.ts'
import { referenceName } from '../../src/oci/reference.ts'
import { readCommit } from '../../src/settings/ci/commit.ts'
import { type Plan, type PushRecord, planTargets } from '../../src/settings/plan/plan.ts'
import { readSettings } from '../../src/settings/read.ts'
import { type Compile, compileSettings } from './woodpecker.ts'

/** The context of a step: variables, secrets and files. */
export interface PasteContext extends Compile {
  /** Woodpecker's environment variables; a push to the default branch if not given. */
  env?: Record<string, string>
  record?: Partial<PushRecord>
}

/** What regguard makes of a pasted block. */
export interface Pasted {
  refs: string[]
  platforms: string[]
  /** The expected digest of each reference. */
  expected: (string | undefined)[]
  /** `registry user`, in order. */
  logins: string[]
  notes: string[]
  /** Why nothing is verified. */
  skipReason: string | undefined
  /** `setting: message`. */
  problems: string[]
  /** Names reported as unknown. */
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

/** What regguard makes of the `settings:` block of a build step. */
export function paste(yaml: string, { env = pushTo('main'), record, ...compile }: PasteContext = {}): Pasted {
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
    skipReason: found.skipReason,
    problems: plan.ok ? [] : plan.problems.map(({ setting, message }) => `${setting}: ${message}`),
    unknown: read.ok ? read.unknown : [],
  }
}
