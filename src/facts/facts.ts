import type * as z from 'zod'
import type { Group } from '../core/groups.ts'
import { clusterSchema } from './cluster.ts'
import { imageSchema } from './image.ts'
import { pathSchema } from './path.ts'
import { registrySchema } from './registry.ts'
import { runnerSchema } from './runner.ts'
import { storageSchema } from './storage.ts'

/** The facts of each group. */
const factSchemas = {
  image: imageSchema,
  registry: registrySchema,
  path: pathSchema,
  runner: runnerSchema,
  storage: storageSchema,
  cluster: clusterSchema,
} satisfies Record<Group, z.ZodType>

type FactsOf = { [G in Group]: z.infer<(typeof factSchemas)[G]> }

/** Everything a run observed; of a runner, a storage and a cluster only where it was asked for. */
export type Facts = Omit<FactsOf, 'runner' | 'storage' | 'cluster'> &
  Partial<Pick<FactsOf, 'runner' | 'storage' | 'cluster'>>
