import type { Unmade } from './heal.ts'
import { farAddress } from './lab.ts'

const isMachineWide = 'the kernel counts and logs for the whole machine, on which other tests run'
const onlyLooks = 'its commands only look, and no state changes what they do'

/** Findings whose state is not made here. */
export const unmade: Unmade[] = [
  { finding: 'bridge-churn-burst', because: 'it lasts as long as the history of changes' },
  { finding: 'bridge-ports-full', because: 'a thousand links take a minute to make and to delete' },
  { finding: 'conntrack-near-full', because: isMachineWide },
  { finding: 'docker-api-unsupported', because: 'no version of Docker that runs here is unsupported' },
  { finding: 'docker-user-jump-flapping', because: 'it lasts for moments' },
  {
    finding: 'firewall-manager-conflict',
    because:
      'Kubernetes counts only where one of its programs runs, and processes are seen on the whole machine',
  },
  { finding: 'host-listener-starved', because: onlyLooks },
  { finding: 'host-port-refused', because: onlyLooks },
  {
    finding: 'host-unreachable-from-runner',
    because: onlyLooks,
    values: { ADDRESS: farAddress, NAME: 'registry.test' },
  },
  { finding: 'jump-position-fight', because: 'it lasts for moments' },
  { finding: 'listener-backlog-overflow', because: onlyLooks },
  { finding: 'many-interfaces-made', because: onlyLooks },
  { finding: 'neighbour-table-full', because: isMachineWide },
  { finding: 'netdev-leak', because: isMachineWide },
  { finding: 'oom-kills-seen', because: isMachineWide },
  { finding: 'softnet-drops', because: isMachineWide },
  { finding: 'syn-queue-overflow', because: isMachineWide },
  { finding: 'remediation', because: 'part of the advice of bridge-churn-race and others' },
  {
    finding: 'step-no-egress',
    because: 'its state on the host is that of ip-forwarding-off or container-no-egress',
  },
  {
    finding: 'xtables-lock-contention',
    because: 'the lock belongs to the whole machine, and other tests would wait for it',
  },
]
