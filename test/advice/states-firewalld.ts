import { until } from '../support/until.ts'
import type { State } from './heal.ts'

const removed =
  "firewall-cmd --remove-rich-rule='rule family=ipv4 source address=10.64.0.0/24 port port=6443 protocol=tcp accept'"

/** States of a host with firewalld. */
export const firewalldStates: State[] = [
  {
    ...{ finding: 'container-no-egress', name: 'a bridge outside of Docker’s zone' },
    make: async ({ shell, bridgeOf }) => {
      const BRIDGE = await bridgeOf('second')
      await shell(
        `firewall-cmd --permanent --zone=docker --remove-interface=${BRIDGE}; firewall-cmd --zone=docker --remove-interface=${BRIDGE}`,
      )
      return { BRIDGE }
    },
  },
  {
    ...{ finding: 'host-firewall-reject', name: 'a bridge outside of Docker’s zone', from: 'container' },
    settings: { listeners: '6443' },
    make: async ({ shell }) => {
      await shell('firewall-cmd --zone=docker --remove-interface=docker0')
      return { BRIDGE: 'docker0', SUBNET: '10.64.0.0/24', PORT: '6443' }
    },
    clear: ({ tidy }) =>
      tidy(
        `${[removed, removed.replace('cmd', 'cmd --permanent')].join('; ')}; firewall-cmd --zone=docker --add-interface=docker0`,
      ),
    leaves: {
      'not-observable': 'a plain container sees little',
      'host-port-refused': 'nothing listens on the port that is reached again',
    },
  },
  {
    ...{ finding: 'firewalld-reload-lost-isolation', name: 'a reload' },
    leaves: { 'iptables-stale-bridge-rule': 'only the page removes what is untidy' },
    make: async ({ docker, shell }) => {
      await docker(['network', 'create', 'gone'])
      await docker(['network', 'rm', 'gone'])
      await shell('firewall-cmd --reload')
      await until('Docker has written its rules again', async () =>
        (await shell('iptables-save')).includes('! -o docker0 -j MASQUERADE'),
      )
    },
  },
]
