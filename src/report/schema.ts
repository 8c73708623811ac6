import * as z from 'zod'
import { severities, statuses } from '../core/finding.ts'
import { groups } from '../core/groups.ts'
import { ciPlatforms } from '../core/platform.ts'
import { togetherSchema } from './sections/together.ts'
import { sectionSchemas } from './sections.ts'

export type { ReportTarget } from './sections/image.ts'
export type { ReportMember } from './sections/members.ts'
export type { ReportHost } from './sections/path.ts'
export type { ReportRunner } from './sections/runner.ts'

const severity = z.enum(severities)
const status = z.enum(statuses)
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
  absent: z.literal(true).optional().describe('What was expected does not exist.'),
  evidence: z.array(z.string()),
  advice: z.string(),
  commands: z
    .array(z.string())
    .optional()
    .describe(
      'The commands for this finding alone; absent where they are all that its cause has for the same advice.',
    ),
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
  commands: z
    .array(z.string())
    .optional()
    .describe(
      'Commands that the advice is about, for a POSIX shell, in this order: those of all findings with this advice.',
    ),
  also: z
    .array(z.object({ advice: z.string(), commands: z.array(z.string()).optional() }))
    .optional()
    .describe('What else is to be done, where the findings need different things.'),
  rebuild: z.string().optional().describe('How to start a rebuild on the CI system of this run.'),
  page: z.string().describe('The page that explains it, from the top of the repository.'),
  url: z.string().optional().describe('The same page on the web, where `docs_url` names a place for it.'),
  findings: z.array(finding),
})

const check = z.object({
  id: z.string(),
  group,
  title: z.string().describe('The good state.'),
  status: status.describe(
    '`unknown`: it could not be inspected. `off`: not asked for, or nothing to inspect.',
  ),
  why: z.string().optional().describe('Why it is unknown or off.'),
  remedies: z.array(z.string()).describe('What would make an unknown check possible; any one is enough.'),
  findings: z.int().describe('How many findings it has.'),
})

/** The report of a run: the one model that every output reads, and the form of `report_json`. */
export const reportSchema = z.object({
  version: z.literal(2),
  tool: z.object({ name: z.literal('regguard'), version: z.string() }),
  ci: z.object({
    platform: z.enum(ciPlatforms),
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
    z.object({
      group,
      status,
      required: z.boolean(),
      missing: z.int().describe('How many things could not be observed.'),
      why: z.string().optional().describe('Why the first of them could not.'),
    }),
  ),
  ...sectionSchemas.image.shape,
  ...sectionSchemas.registry.shape,
  ...sectionSchemas.path.shape,
  ...sectionSchemas.runner.shape,
  ...sectionSchemas.storage.shape,
  ...sectionSchemas.cluster.shape,
  causes: z.array(cause).describe('Findings by what explains them, the worst first.'),
  order: z
    .array(z.object({ id: z.string(), group, afterMs: z.number(), url: z.string() }))
    .optional()
    .describe('Where both the image and the way to it are at fault: in which order the faults were met.'),
  together: togetherSchema
    .optional()
    .describe(
      'Where several groups are at fault: what came first, what follows from it, and what is ruled out.',
    ),
  checks: z.array(check).describe('Every check, with how it ended.'),
  totals: z.object({
    objects: z.int().describe('Manifests and blobs that were named, each counted once in a repository.'),
    seen: z.int(),
    sizeBytes: bytes,
    readBytes: bytes,
    requests: z.int(),
    findings: z.int(),
    causes: z.int(),
  }),
  crashes: z.array(z.string()).describe('Checks that crashed: mistakes of regguard.'),
})

/** A report. `unwritten` is for the log alone: the settings of report files that could not be written. */
export type Report = z.infer<typeof reportSchema> & { unwritten?: readonly string[] }
export type ReportCause = z.infer<typeof cause>
export type ReportCheck = z.infer<typeof check>
