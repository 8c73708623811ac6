import * as z from 'zod'
import type { Cause } from '../../core/finding.ts'
import { groups } from '../../core/groups.ts'
import { coveredIn, type Together } from '../../explain/together/together.ts'

const group = z.enum(groups)
const named = z.object({ id: z.string(), group, subject: z.string() })

/** One verdict over the causes of several groups; all of them are among `causes`. */
export const togetherSchema = z.object({
  first: z
    .array(named.extend({ covers: z.array(z.object({ id: z.string(), group })) }))
    .describe(
      'Causes that others follow from; `covers` are findings of other groups that are listed with it.',
    ),
  links: z.array(
    z.object({
      cause: named,
      relation: z
        .enum(['follows', 'apart', 'open'])
        .describe(
          '`follows`: a consequence of `of`. `apart`: it has nothing to do with it. `open`: what was observed does not decide it.',
        ),
      of: named,
      why: z.string(),
    }),
  ),
  unconnected: z.array(named).describe('Causes that nothing observed connects with the others.'),
  rivals: z
    .array(z.object({ group, ruledOut: z.boolean(), why: z.string() }))
    .describe(
      'Groups without a fault that could be behind the others, and what rules them out or is missing.',
    ),
})
export type ReportTogether = z.infer<typeof togetherSchema>

/** The verdict in the form of the report. */
export const reportTogether = ({ first, links, unconnected, rivals }: Together): ReportTogether => ({
  first: first.map((cause) => ({ ...nameOf(cause), covers: coveredIn(cause) })),
  links: links.map(({ cause, relation, first: of, why }) => ({
    ...{ cause: nameOf(cause), relation, of: nameOf(of), why },
  })),
  unconnected: unconnected.map(nameOf),
  rivals,
})

const nameOf = ({ id, group, findings: [first] }: Cause) => ({ id, group, subject: first?.subject ?? '' })
