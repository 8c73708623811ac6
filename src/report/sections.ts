import * as z from 'zod'
import type { Finding } from '../core/finding.ts'
import type { Group } from '../core/groups.ts'
import { placeOf } from '../explain/storage/place.ts'
import type { Facts } from '../facts/facts.ts'
import { legSchema } from '../facts/path/leg.ts'
import { machineSchema } from '../facts/path/machine.ts'
import { mirrorsSchema } from '../facts/path/mirrors.ts'
import { mtuSchema } from '../facts/path/mtu.ts'
import { namesSchema } from '../facts/path/names.ts'
import { requestSchema } from '../facts/path.ts'
import { coverageSchema } from '../facts/registry/coverage.ts'
import type { RunnerHistory } from '../facts/runner-history.ts'
import type { Settings } from '../settings/schema.ts'
import { reportCluster, reportClusterSchema } from './sections/cluster.ts'
import { reportTargets, targetSchema } from './sections/image.ts'
import { keyRequests } from './sections/key-requests.ts'
import { hostSchema, reportHosts } from './sections/path.ts'
import { catalogSchema, pushSchema, reportCatalog, reportPush } from './sections/registry.ts'
import { reportRunner, reportRunnerSchema } from './sections/runner.ts'
import { reportStorage, reportStorageSchema } from './sections/storage.ts'

/** What each group adds to a report. */
export const sectionSchemas = {
  image: z.object({ targets: z.array(targetSchema) }),
  registry: z.object({
    catalog: catalogSchema.optional().describe('What the whole registry lists.'),
    push: z.array(pushSchema).optional().describe('Whether the login may push; with `push_access: true`.'),
    coverage: coverageSchema
      .optional()
      .describe('Which images mirrors hold; with `mirror_coverage`. Those that are whole are counted.'),
  }),
  path: z.object({
    hosts: z.array(hostSchema),
    vantage: z
      .string()
      .optional()
      .describe('The place that this run saw the path from; the setting `vantage`.'),
    legs: z
      .array(legSchema)
      .optional()
      .describe('Every leg that was probed, each address on connections of its own, with all attempts.'),
    machine: machineSchema.optional().describe("This machine's way out: default route, MTU, resolvers."),
    names: namesSchema.optional().describe('The names of the path, asked of libc and of each DNS server.'),
    mtu: mtuSchema
      .optional()
      .describe('The path MTU to each address that a request timed out on; to all with `path_mtu: true`.'),
    mirrors: mirrorsSchema
      .optional()
      .describe('How runtimes reach the registries through mirrors; with `mirror_config`.'),
    keyRequests: z
      .array(requestSchema)
      .optional()
      .describe(
        'The requests that show where the time went: the first to each host, those that failed, and the slowest; at most 30.',
      ),
    requestLog: z
      .array(requestSchema)
      .optional()
      .describe('Every request with its phase times in milliseconds; with `log_level: debug`.'),
  }),
  runner: z.object({
    runner: reportRunnerSchema.optional().describe('What was inspected on the runner.'),
  }),
  storage: z.object({
    storage: reportStorageSchema
      .optional()
      .describe('What the storage of the registry holds; with `storage`.'),
  }),
  cluster: z.object({
    cluster: reportClusterSchema
      .optional()
      .describe('What the cluster knows of its pulls; with `mode: cluster`.'),
  }),
} satisfies Record<Group, z.ZodObject>

/** What sections are made from. */
export interface SectionInput {
  facts: Facts
  settings: Settings
  findings: readonly Finding[]
  /** The facts of the runner come from a recording. */
  replayed: boolean
  /** What happened over the samples of that recording. */
  history: RunnerHistory | undefined
  /** The setting `vantage`. */
  vantage: string | undefined
  /** Every request is reported. */
  debug: boolean
}

/** Makes each group's part of a report. */
export const sections = {
  image: ({ facts, findings }) => ({ targets: reportTargets(facts, findings) }),
  registry: ({ facts: { registry } }) => ({
    ...(registry.catalog ? { catalog: reportCatalog(registry.catalog) } : {}),
    ...(registry.push ? { push: reportPush(registry.push) } : {}),
    ...(registry.coverage ? { coverage: registry.coverage } : {}),
  }),
  path: ({ facts, debug, vantage }) => ({
    hosts: reportHosts(facts),
    ...(vantage === undefined ? {} : { vantage }),
    ...(facts.path.legs ? { legs: facts.path.legs } : {}),
    ...(facts.path.machine ? { machine: facts.path.machine } : {}),
    ...(facts.path.names ? { names: facts.path.names } : {}),
    ...(facts.path.mtu ? { mtu: facts.path.mtu } : {}),
    ...(facts.path.mirrors ? { mirrors: facts.path.mirrors } : {}),
    ...(facts.path.log.length > 0 ? { keyRequests: keyRequests(facts.path.log) } : {}),
    ...(debug ? { requestLog: facts.path.log } : {}),
  }),
  runner: ({ facts: { runner }, replayed, history, findings }) =>
    runner ? { runner: reportRunner(runner, { replayed, findings, history }) } : {},
  storage: ({ facts: { storage }, settings }) =>
    storage ? { storage: reportStorage(storage, placeOf(storage, settings)) } : {},
  cluster: ({ facts, findings }) =>
    facts.cluster ? { cluster: reportCluster(facts.cluster, facts, findings) } : {},
} satisfies { [G in Group]: (input: SectionInput) => z.input<(typeof sectionSchemas)[G]> }
