import { seenIn } from '../../core/observed.ts'
import { runnerCheck } from '../runner-check.ts'

/** BR_MAX_PORTS is 1024 (net/bridge/br_private.h), and port 0 is not used. */
const maxPorts = 1023
const nearFull = 0.9

export default runnerCheck({
  id: 'bridge-ports-full',
  title: 'every bridge has ports left',
  fault:
    'Bridge ports exhausted: a Linux bridge holds 1023 ports, one for each container, and no further container can be attached (“exchange full”).',
  severity: 'error',
  advice:
    'Use a further network for new containers: “docker network create NAME”, then the option “--network NAME”.',
  reads: ['runner.links'],
  run: ({ links }) => {
    const ports = Map.groupBy(seenIn(links) ?? [], ({ master }) => master)
    return (seenIn(links) ?? [])
      .filter(({ kind }) => kind === 'bridge')
      .flatMap(({ name }) => {
        const used = ports.get(name)?.length ?? 0
        if (used < maxPorts * nearFull) return []
        const full = used >= maxPorts
        return [
          {
            subject: name,
            message: `${used} of ${maxPorts} ports in use`,
            cause: name,
            ...(full
              ? {}
              : {
                  severity: 'warning' as const,
                  title: 'Bridge ports running low: a Linux bridge holds 1023 ports, one for each container.',
                }),
          },
        ]
      })
  },
})
