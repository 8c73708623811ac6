import { isPathFailing } from '../../facts/queries/path/failing.ts'
import { referenceName } from '../../oci/reference.ts'
import { defineCheck } from '../define.ts'

export default defineCheck({
  id: 'image-cached',
  group: 'path',
  title: 'no copy on this machine hides a failing pull',
  fault:
    'Image cached on this machine: jobs here start it without a pull, so they do not show that pulls fail.',
  severity: 'note',
  advice:
    'Do not take a job that starts here for proof; this verification asked the registry over the network.',
  reads: ['path.cached'],
  consults: ['path.requests'],
  run: (facts) => {
    if (!isPathFailing(facts)) return []
    return (facts.path.cached ?? []).map(({ reference, digest }) => {
      const target = facts.image.targets.find(({ target }) => referenceName(target.reference) === reference)
      const served =
        target?.first.seen && target.first.value.state === 'found' ? target.first.value.digest : undefined
      return {
        subject: reference,
        message:
          digest === undefined
            ? 'the engine of this machine has an image of this name, built here'
            : `the engine of this machine has it as ${digest}`,
        ...(served !== undefined && digest !== undefined && served !== digest
          ? { evidence: [`the registry serves ${served} under this name now`] }
          : {}),
        cause: 'cached',
      }
    })
  },
})
