import { count } from '../../core/units.ts'
import { runnerCheck } from '../runner-check.ts'

export default runnerCheck({
  id: 'second-docker-engine',
  title: 'one Docker engine writes rules on this host',
  fault:
    'Two Docker engines: several daemons run in one network namespace and write the same chains; each start of one deletes rules of the other.',
  severity: 'warning',
  advice:
    'Keep one engine: list the containers of each (docker -H SOCKET ps -a), then stop and disable the one that nothing uses.',
  covers: ['docker-network-rules-missing', 'docker-chain-missing'],
  reads: ['runner.daemons'],
  run: ({ daemons = [] }) => {
    const writing = daemons.filter(({ writesRules }) => writesRules !== false)
    if (writing.length < 2) return []
    const snap = writing.some((daemon) => daemon.snap) && writing.some((daemon) => !daemon.snap)
    return [
      {
        subject: 'dockerd',
        message: `${count(writing.length, 'Docker daemon')} in one network namespace${snap ? ', one of them installed by snap' : ''}`,
        evidence: writing.map(({ command }) => command),
        cause: 'engines',
        ...(snap
          ? {
              advice:
                'Keep one engine. List the containers of the one from snap (docker -H unix:///run/snap.docker/docker.sock ps -a, or snap run docker ps -a); if nothing uses it: snap disable docker.',
            }
          : {}),
      },
    ]
  },
})
