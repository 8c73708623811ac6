import * as z from 'zod'
import type { Finding } from '../core/finding.ts'
import type { Group } from '../core/groups.ts'
import type { Facts } from '../facts/facts.ts'
import { requestSchema } from '../facts/path.ts'
import { reportTargets, targetSchema } from './sections/image.ts'
import { hostSchema, reportHosts } from './sections/path.ts'
import { catalogSchema, pushSchema, reportCatalog, reportPush } from './sections/registry.ts'
import { reportRunner, reportRunnerSchema } from './sections/runner.ts'

/** What each group adds to a report. */
export const sectionSchemas = {
  image: z.object({ targets: z.array(targetSchema) }),
  registry: z.object({
    catalog: catalogSchema.optional().describe('What the whole registry lists.'),
    push: z.array(pushSchema).optional().describe('Whether the login may push; with `push_access: true`.'),
  }),
  path: z.object({
    hosts: z.array(hostSchema),
    requestLog: z
      .array(requestSchema)
      .optional()
      .describe('Every request with its phase times in milliseconds; with `log_level: debug`.'),
  }),
  runner: z.object({
    runner: reportRunnerSchema.optional().describe('What was inspected on the runner.'),
  }),
} satisfies Record<Group, z.ZodObject>

/** What sections are made from. */
export interface SectionInput {
  facts: Facts
  findings: readonly Finding[]
  /** The facts of the runner come from a recording. */
  replayed: boolean
  /** Every request is reported. */
  debug: boolean
}

/** Makes each group's part of a report. */
export const sections = {
  image: ({ facts, findings }) => ({ targets: reportTargets(facts, findings) }),
  registry: ({ facts: { registry } }) => ({
    ...(registry.catalog ? { catalog: reportCatalog(registry.catalog) } : {}),
    ...(registry.push ? { push: reportPush(registry.push) } : {}),
  }),
  path: ({ facts, debug }) => ({
    hosts: reportHosts(facts),
    ...(debug ? { requestLog: facts.path.log } : {}),
  }),
  runner: ({ facts: { runner }, replayed }) => (runner ? { runner: reportRunner(runner, replayed) } : {}),
} satisfies { [G in Group]: (input: SectionInput) => z.input<(typeof sectionSchemas)[G]> }
