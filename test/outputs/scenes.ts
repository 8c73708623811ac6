import type { Report } from '../../src/report/schema.ts'
import type { CiRun } from '../../src/settings/ci/ci.ts'
import { certificateEnds, tagGone } from '../report/changes.ts'
import { type Run, reportOf } from '../report/reports.ts'
import {
  absent,
  all,
  type Change,
  cut,
  hostIn,
  indexIn,
  proven,
  registry,
  targetIn,
  unseen,
  withBlob,
  withManifest,
} from '../support/facts.ts'

const gone = {
  ...absent(),
  value: { ...absent().value, refusal: { status: 404, code: 'MANIFEST_UNKNOWN', message: '' } },
}

const down: Change = (facts) => {
  const why = unseen('connection-refused', registry, 'nothing listens on 192.0.2.10 port 443')
  why.why.evidence = ['connect ECONNREFUSED 192.0.2.10:443']
  facts.image.targets = [{ target: targetIn(facts).target, first: why }]
  facts.image.repositories = []
  const { tls: _tls, ...host } = hostIn(facts)
  const never = { roles: ['registry' as const], addresses: [], http2: false, requests: 0 }
  facts.path.hosts = [
    {
      ...host,
      ...never,
      retries: [
        { kind: 'connection-refused', detail: 'ECONNREFUSED' },
        { kind: 'connection-refused', detail: 'ECONNREFUSED' },
      ],
    },
  ]
  facts.path.requests = 0
  facts.path.bytes = 0
}

const halfway: Change = (facts) => {
  const why = unseen('run-stopped', registry, 'stopped by SIGTERM')
  all(withManifest('arm64', why), withBlob('arm64 layer', why), withBlob('amd64 layer', why))(facts)
  targetIn(facts).last = why
  hostIn(facts).retries = [
    { kind: 'registry-unavailable', detail: '503' },
    { kind: 'registry-unavailable', detail: '503' },
  ]
}

const small: Change = (facts) => {
  all(
    withManifest('arm64 attestation', gone),
    certificateEnds(3),
    withBlob('base layer', proven('opened', 65_536)),
  )(facts)
  for (const name of ['amd64 layer', 'arm64 layer'] as const) withBlob(name, proven('whole'))(facts)
  hostIn(facts).retries = [
    { kind: 'registry-unavailable', detail: '503 at /v2/team/app/manifests/1.2' },
    { kind: 'connection-cut', detail: 'ECONNRESET' },
  ]
}

/** Text that a hostile registry would choose: it ends lines, opens commands, colours and turns the line around. */
const evil = '\r\n::set-env name=NODE_OPTIONS::--require /tmp/x\n##[group]\u001b[31m\u202egnp.exe\u0000|`<b>&'

const tagHostile: Change = (facts) => {
  tagGone(facts)
  const [target] = facts.image.targets
  if (target?.first.seen && target.first.value.state === 'absent') {
    target.first.value.refusal = { status: 404, code: evil, message: evil }
    target.first.value.otherTags = { tags: [evil, '1.0'], more: false }
  }
  const host = hostIn(facts)
  host.retries = [{ kind: 'registry-unavailable', detail: evil }]
  facts.path.hosts.push({ ...host, host: `cdn${evil}`, roles: ['storage', 'token'] })
  host.tls = { subject: evil, issuer: evil, validTo: facts.path.at + 2e8, verified: true }
}

const imageHostile: Change = (facts) => {
  for (const child of indexIn(facts).children.slice(0, 2)) {
    child.platform = {
      ...child.platform,
      os: `linux${evil}`,
      architecture: `${child.platform?.architecture}${evil}`,
    }
  }
  const broken = unseen('registry-error', evil, evil)
  all(
    withManifest('amd64', gone),
    withBlob('arm64 layer', { ...broken, why: { ...broken.why, code: 'UNKNOWN' } }),
  )(facts)
}

const threeTags: Change = (facts) => {
  for (const tag of ['1', 'latest']) {
    const { target, ...rest } = structuredClone(targetIn(facts))
    facts.image.targets.push({ ...rest, target: { reference: { ...target.reference, tag } } })
  }
}

const scenes: Record<string, [change: Change, run?: Run]> = {
  pass: [() => {}],
  'three-tags': [threeTags],
  'orphaned-index': [all(withManifest('arm64', gone), withManifest('arm64 attestation', gone))],
  'unreadable-layer': [withBlob('base layer', cut(10_485_760))],
  'registry-down': [down, { durationMs: 3100 }],
  stopped: [halfway, { stopped: { why: 'stopped by SIGTERM', exitCode: 143 }, durationMs: 12_340 }],
  'warnings-and-notes': [small],
  'tag-gone-hostile': [tagHostile],
  'image-hostile': [imageHostile],
}

export const sceneNames = Object.keys(scenes)

/** The report of a scene, as a run on this CI system makes it. */
export function scene(name: string, ci: CiRun): Report {
  const [change, run] = scenes[name] ?? [() => {}]
  return reportOf(change, { ...run, ci })
}
