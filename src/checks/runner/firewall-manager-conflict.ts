import { seenIn } from '../../core/observed.ts'
import { kubernetesIn, managersIn } from '../../facts/queries/runner/managers.ts'
import type { RunnerView } from '../../facts/view.ts'
import { runnerCheck } from '../runner-check.ts'

type View = RunnerView<'rules' | 'engine' | 'programs'>

export default runnerCheck({
  id: 'firewall-manager-conflict',
  title: 'one program decides what this host lets through',
  fault:
    'A firewall, Docker and Kubernetes all write the rules of this host: a reload of the firewall takes away what the others need.',
  severity: 'warning',
  advice:
    'Let one decide: on a Kubernetes node turn the host’s firewall off (ufw disable, or systemctl disable --now firewalld) and filter before the node, or keep CI’s Docker off the node.',
  reads: ['runner.rules'],
  consults: ['runner.engine', 'runner.programs'],
  run: (runner) => {
    const managers = managersIn(runner)
    const firewalls = managers.filter(({ name, kind }) => kind === 'firewall' && isActive(name, runner))
    const kubernetes = kubernetesIn(runner)
    const docker = managers.some(({ name, places }) => name === 'Docker' && places.length > 0)
    if (firewalls.length === 0 || kubernetes.length === 0 || !docker) return []
    const names = [...firewalls.map(({ name }) => name), 'Docker', ...kubernetes]
    return [
      {
        subject: firewalls.map(({ name }) => name).join(', '),
        message: `${names.join(', ')} keep rules on this host`,
        evidence: managers
          .filter(({ name }) => names.includes(name))
          .map(({ name, evidence }) => `${name}: ${evidence}`),
      },
    ]
  },
})

/** ufw that was turned off leaves empty chains behind; it filters only where INPUT leads to its own. */
function isActive(name: string, { rules }: View): boolean {
  if (name !== 'ufw') return true
  return (seenIn(rules)?.tables ?? []).some(({ chains }) =>
    chains.some(
      (chain) => chain.name === 'INPUT' && chain.rules.some((rule) => / ?-j ufw6?-before-input$/.test(rule)),
    ),
  )
}
