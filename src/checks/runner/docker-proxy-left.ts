import { seenIn } from '../../core/observed.ts'
import { count } from '../../core/units.ts'
import { attachedMeanwhile } from '../../facts/queries/runner/churn.ts'
import { runnerCheck } from '../runner-check.ts'

export default runnerCheck({
  id: 'docker-proxy-left',
  title: 'every docker-proxy belongs to a container',
  fault:
    'Port still held: docker-proxy processes hold ports of this host for containers that are gone, so publishing these ports fails with “port is already allocated” or “address already in use”.',
  severity: 'warning',
  advice:
    'When no job is running, restart Docker: “systemctl restart docker”. If a docker-proxy is still there, end it by its process id.',
  reads: ['runner.proxies', 'runner.networks'],
  consults: ['runner.daemons', 'runner.engine', 'runner.churn'],
  run: (runner) => {
    const { proxies = [], networks, engine, daemons = [] } = runner
    const all = seenIn(networks)
    // The proxies of another engine serve its own containers.
    if (!all || seenIn(engine)?.flavour !== 'docker' || daemons.length > 1) return []
    if (attachedMeanwhile(runner) !== 0) return []
    const listed = all.filter(({ driver }) => driver !== 'host' && driver !== 'null')
    if (listed.some(({ addresses }) => addresses === undefined)) return []
    const addresses = new Set(listed.flatMap((network) => network.addresses ?? []))
    const left = proxies.filter(({ container }) => !addresses.has(container))
    if (left.length === 0) return []
    return [
      {
        subject: [...new Set(left.map(({ port, protocol }) => `${port}/${protocol}`))].slice(0, 6).join(', '),
        message: `${count(left.length, 'docker-proxy')} for a container address that no running container has`,
        evidence: left
          .slice(0, 12)
          .map(
            ({ address, port, protocol, container }) => `${address} port ${port}/${protocol} to ${container}`,
          ),
        cause: 'proxies',
      },
    ]
  },
})
