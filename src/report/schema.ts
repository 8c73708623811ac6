import * as z from 'zod'
import { groups } from '../core/model.ts'
import { reportRunnerSchema } from './runner.ts'

const severity = z.enum(['error', 'warning', 'note'])
const status = z.enum(['pass', 'warn', 'fail', 'unknown', 'off'])
const group = z.enum(groups)
const bytes = z.int().min(0)

const finding = z.object({
  id: z.string().describe('The kind of finding; docs/findings/<id>.md explains it.'),
  group,
  severity,
  subject: z.string(),
  message: z.string(),
  expected: z.string().optional(),
  actual: z.string().optional(),
  evidence: z.array(z.string()),
  advice: z.string(),
  repository: z.string().optional(),
  digest: z.string().optional(),
  platforms: z.array(z.string()).optional(),
})

const cause = z.object({
  id: z.string(),
  group,
  severity,
  title: z.string(),
  because: z.string().optional(),
  advice: z.string(),
  rebuild: z.string().optional().describe('How to start a rebuild on the CI system of this run.'),
  page: z.string(),
  findings: z.array(finding),
})

const proof = z.object({
  listed: z.int().describe('Blobs that HEAD said are there.'),
  lastByte: z.int().describe('Blobs whose last byte was read.'),
  whole: z.int().describe('Blobs that were read to the end and hashed.'),
  opened: z.int().describe('Blobs that were opened: their end is not proven.'),
})

const member = z.object({
  platform: z.string(),
  digest: z.string(),
  status,
  objects: z.int(),
  sizeBytes: bytes.describe('Manifest, configuration and layers, as the registry stores them.'),
  proof,
  faults: z.array(z.string()),
})

const target = z.object({
  reference: z.string(),
  status,
  kind: z.enum(['index', 'image', 'artifact', 'schema1']).optional(),
  digest: z.string().optional(),
  members: z.array(member).describe('The platform images, in the order the index lists them.'),
  attestations: z.int(),
  referrers: z.int().optional(),
  faults: z.array(z.string()).describe('What is wrong with the target itself.'),
})

const host = z.object({
  host: z.string(),
  roles: z.array(z.enum(['registry', 'token', 'storage'])),
  addresses: z.array(z.string()),
  source: z.enum(['address', 'hosts file', 'DNS']),
  protocol: z.enum(['http', 'https']),
  http2: z.boolean(),
  certificate: z
    .object({ subject: z.string(), issuer: z.string(), daysLeft: z.int(), verified: z.boolean() })
    .optional(),
  requests: z.int(),
  repeated: z.int(),
  proxy: z.string().optional().describe('The proxy that it was reached through; then no address is known.'),
  rateLimit: z
    .object({ limit: z.int().optional(), remaining: z.int() })
    .optional()
    .describe('What it said last of its rate limit.'),
})

/** The report of a run: the one model that every renderer reads, and the form of `report_json`. */
export const reportSchema = z.object({
  version: z.literal(1),
  tool: z.object({ name: z.literal('regguard'), version: z.string() }),
  ci: z.object({
    platform: z.enum(['plain', 'woodpecker', 'forgejo', 'gitea', 'github']),
    event: z.string().optional(),
    subject: z
      .string()
      .optional()
      .describe('What the event is about: a git tag, a pull request, a deployment target.'),
    number: z.string().optional(),
    url: z.string().optional(),
  }),
  startedAt: z.iso.datetime(),
  durationMs: z.number().min(0),
  depth: z.enum(['head', 'probe', 'full']),
  status,
  exitCode: z.int(),
  stopped: z.string().optional().describe('Why the run ended early.'),
  groups: z.array(
    z.object({ group, status, required: z.boolean(), unseen: z.int(), why: z.string().optional() }),
  ),
  targets: z.array(target),
  hosts: z.array(host),
  runner: reportRunnerSchema.optional().describe('What was looked at on the runner.'),
  causes: z.array(cause).describe('Findings by what explains them, the worst first.'),
  totals: z.object({
    objects: z.int().describe('Manifests and blobs that were named, each counted once in a repository.'),
    seen: z.int(),
    sizeBytes: bytes,
    readBytes: bytes,
    requests: z.int(),
    findings: z.int(),
    causes: z.int(),
  }),
  crashes: z.array(z.string()).describe('Checks that failed themselves: mistakes of regguard.'),
})

export type Report = z.infer<typeof reportSchema>
export type ReportTarget = z.infer<typeof target>
export type ReportMember = z.infer<typeof member>
export type ReportCause = z.infer<typeof cause>
export type ReportHost = z.infer<typeof host>
