import { seenIn } from '../../core/observed.ts'
import { kubernetesIn, managersIn } from '../../facts/queries/runner/managers.ts'
import type { RunnerView } from '../../facts/view.ts'
import { runnerCheck } from '../runner-check.ts'

type View = RunnerView<'rules' | 'engine' | 'programs'>

export default runnerCheck({
  id: 'firewall-manager-conflict',
  title: 'no firewall conflicts with Docker and Kubernetes',
  fault:
    'Firewall conflict: a firewall, Docker and Kubernetes all write rules on this host, and a firewall reload can remove the rules of the others.',
  severity: 'warning',
  advice:
    'Run CI’s Docker on another machine. If it must stay, restart Docker after each firewall reload, or filter in front of the Kubernetes node and then disable its firewall.',
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
        message: `${names.join(', ')} all write rules on this host`,
        evidence: managers
          .filter(({ name }) => names.includes(name))
          .map(({ name, evidence }) => `${name}: ${evidence}`),
      },
    ]
  },
})

/** A disabled ufw leaves empty chains behind; it filters only where INPUT jumps to one of its chains. */
function isActive(name: string, { rules }: View): boolean {
  if (name !== 'ufw') return true
  return (seenIn(rules)?.tables ?? []).some(({ chains }) =>
    chains.some(
      (chain) => chain.name === 'INPUT' && chain.rules.some((rule) => / ?-j ufw6?-before-input$/.test(rule)),
    ),
  )
}
