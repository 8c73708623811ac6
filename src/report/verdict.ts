import { troublesIn } from '../checks/failure-check.ts'
import type { Crash } from '../checks/run.ts'
import {
  type Facts,
  type Finding,
  type Group,
  groups,
  type ImageFact,
  type Status,
  type TroubleKind,
} from '../core/model.ts'
import { runnerAspects } from '../facts/runner.ts'
import type { Settings } from '../settings/schema.ts'

/** How one group stands. */
export interface GroupVerdict {
  group: Group
  status: Status
  required: boolean
  /** How many things of the group could not be seen, and why the first of them. */
  unseen: number
  why?: string
}

/** How every group stands: a fault that was seen outweighs what was not seen, which outweighs all else. */
export function judgeGroups(
  facts: Facts,
  findings: Finding[],
  crashes: Crash[],
  settings: Settings,
): GroupVerdict[] {
  return groups.map((group) => {
    const required = isRequired(group, facts, settings)
    if (!settings.checks.includes(group)) return { group, status: 'off', required, unseen: 0 }
    const own = findings.filter((finding) => finding.group === group)
    const { unseen, why } = unseenIn(group, facts)
    const crashed = crashes.some((crash) => crash.group === group)
    const status = statusOf(own, unseen > 0 || crashed)
    return { group, status, required, unseen, ...(why === undefined ? {} : { why }) }
  })
}

/**
 * 1: the image is at fault, or another group has findings that count. 3: a required group could not be looked at, and
 * nothing that was seen of the image is wrong. 0: all required groups hold.
 */
export function exitCodeOf(findings: Finding[], verdicts: GroupVerdict[], settings: Settings): 0 | 1 | 3 {
  const failing = findings.filter((finding) => counts(finding, settings))
  if (failing.some(({ group }) => group === 'image')) return 1
  if (verdicts.some(({ status, required }) => required && (status === 'unknown' || status === 'off')))
    return 3
  return failing.length > 0 ? 1 : 0
}

/** Whether a group must have been looked at; of the runner, a single look may be required: `runner.rules`. */
function isRequired(group: Group, { runner }: Facts, { require: wanted }: Settings): boolean {
  if (wanted.includes(group)) return true
  if (group !== 'runner') return false
  const looks = runnerAspects.filter((aspect) => wanted.includes(`runner.${aspect}`))
  return looks.some((aspect) => !runner?.[aspect].seen)
}

/** How the whole stands, in the words of a group. */
export function overallStatus(exitCode: number, verdicts: GroupVerdict[]): Status {
  if (exitCode === 1) return 'fail'
  if (exitCode === 3) return 'unknown'
  return verdicts.some(({ status }) => status === 'warn' || status === 'fail') ? 'warn' : 'pass'
}

function counts({ severity }: Finding, { fail_on: failOn }: Settings): boolean {
  if (failOn === 'never') return false
  return severity === 'error' || (failOn === 'warning' && severity === 'warning')
}

function statusOf(findings: Finding[], unknown: boolean): Status {
  if (findings.some(({ severity }) => severity === 'error')) return 'fail'
  if (unknown) return 'unknown'
  return findings.some(({ severity }) => severity === 'warning') ? 'warn' : 'pass'
}

function unseenIn(group: Group, { image, road, runner }: Facts): { unseen: number; why?: string } {
  if (group === 'runner') {
    if (!runner) return { unseen: 1, why: 'nobody looked at the runner' }
    const missing = runnerAspects.flatMap((aspect) => {
      const look = runner[aspect]
      return !look.seen && look.applies ? [look.why] : []
    })
    return { unseen: missing.length, ...(missing[0] === undefined ? {} : { why: missing[0] }) }
  }
  if (group === 'image') {
    const why = [...troublesIn(image).map(({ why }) => `${why.host}: ${why.detail}`), ...unlisted(image)]
    return { unseen: why.length, ...(why[0] === undefined ? {} : { why: why[0] }) }
  }
  if (group === 'path') {
    const reached = road.hosts.some(({ addresses, proxy }) => addresses.length > 0 || proxy !== undefined)
    return reached ? { unseen: 0 } : { unseen: 1, why: 'no host was reached' }
  }
  const asked = [...image.targets.map(({ first }) => first), ...(image.catalog ? [image.catalog.listed] : [])]
  const answered = asked.some((one) => one.seen || heard.has(one.why.kind))
  return group === 'registry' && !answered ? { unseen: 1, why: 'no registry answered' } : { unseen: 0 }
}

/** A catalog that the registry refuses to give: what it would have listed was not looked at. */
function unlisted({ catalog }: ImageFact): string[] {
  if (!catalog?.listed.seen || catalog.listed.value.state !== 'refused') return []
  return [`${catalog.registry}: its catalog answers ${catalog.listed.value.refusal.status}`]
}

/** Troubles that a registry itself told. */
const heard = new Set<TroubleKind>([
  'registry-unavailable',
  'registry-error',
  'rate-limited',
  'not-a-registry',
  'answer-invalid',
  'bad-credentials',
  'insufficient-scope',
  'denied-or-missing',
  'clock-skew',
  'access-denied',
  'auth-challenge-missing',
  'auth-challenge-invalid',
  'token-server-unreachable',
  'token-response-invalid',
  'redirect-refused',
  'redirect-loop',
  'storage-unreachable',
  'storage-forbidden',
])
