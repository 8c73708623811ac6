import { setTimeout as sleep } from 'node:timers/promises'
import { type Overwriter, startOverwriter } from '../support/overwriter.ts'
import type { State } from './heal.ts'
import { type Lab, settleMs } from './lab.ts'

const chainMissing = (name: string, command: string): State => ({
  ...{ finding: 'docker-chain-missing', name },
  make: async ({ shell }) => void (await shell(command)),
})

/** Deletes the rules that name a bridge. */
const withoutRules = (bridge: string, table: string) =>
  `iptables-save -t ${table} | sed -n '/${bridge}/s/^-A/-D/p' | while read -r rule; do iptables -t ${table} $rule; done`

/** The bridge of another program with a guest, whose host end is `guest0`. */
export const otherBridge = (name: string, address: string): string =>
  `ip link add ${name} type bridge && ip address add ${address} dev ${name} && ip link add guest0 type veth peer name guest1 && ip link set guest0 master ${name} up && ip link set guest1 up && ip link set ${name} up`

/** Without the bridge of a CNI plugin, its guest and its rules. */
const withoutCni = `ip link delete cni0; ip link delete guest0; ${withoutRules('cni0', 'filter')}; ${withoutRules('cni0', 'nat')}`

/** Rules restored from a copy that was saved while a network existed that is gone. */
async function restoreOldRules({ docker, shell }: Lab): Promise<undefined> {
  await docker(['network', 'create', 'old'])
  await shell('iptables-save > saved.txt')
  await docker(['network', 'rm', 'old'])
  await shell('iptables-restore < saved.txt')
}

let overwriter: Overwriter | undefined

export const ruleStates: State[] = [
  // First: a network that was created a moment ago explains a missing jump.
  chainMissing('the jump to DOCKER-USER', 'iptables -D FORWARD -j DOCKER-USER'),
  {
    ...{ finding: 'docker-rules-flushed', name: 'nft flush ruleset' },
    make: async ({ shell }) => void (await shell('nft flush ruleset')),
  },
  chainMissing(
    'the chain DOCKER of nat',
    'iptables -t nat -F PREROUTING && iptables -t nat -F OUTPUT && iptables -t nat -F DOCKER && iptables -t nat -X DOCKER',
  ),
  chainMissing(
    'DOCKER-USER',
    'iptables -D FORWARD -j DOCKER-USER && iptables -F DOCKER-USER && iptables -X DOCKER-USER',
  ),
  {
    ...{ finding: 'docker-network-rules-missing', name: 'the rules of one network deleted' },
    make: async ({ shell, bridgeOf }) => void (await shell(withoutRules(await bridgeOf('second'), 'filter'))),
  },
  {
    ...{ finding: 'iptables-stale-bridge-rule', name: 'rules restored from a file' },
    make: restoreOldRules,
  },
  {
    ...{ finding: 'iptables-stale-bridge-rule', name: 'the bridge of a network deleted' },
    make: async ({ shell, bridgeOf }) => void (await shell(`ip link delete ${await bridgeOf('second')}`)),
  },
  {
    ...{ finding: 'container-no-egress', name: 'a rule that rejects' },
    make: async ({ shell, bridgeOf }) => {
      await shell('iptables -I FORWARD -j REJECT --reject-with icmp-host-prohibited')
      return {
        BRIDGE: [await bridgeOf('second'), await bridgeOf('stack_default'), 'docker0'],
        UPLINK: 'eth0',
      }
    },
    clear: ({ tidy }) =>
      tidy(
        `iptables -D FORWARD -j REJECT --reject-with icmp-host-prohibited; iptables-save -t filter | sed -n '/FORWARD.*eth0/s/^-A/-D/p' | while read -r rule; do iptables $rule; done`,
      ),
  },
  {
    ...{ finding: 'container-no-egress', name: 'a chain of nft' },
    make: async ({ shell }) =>
      void (await shell(
        "nft 'table inet other { chain forward { type filter hook forward priority 10; policy drop; }; }'",
      )),
    clear: ({ tidy }) => tidy('nft delete table inet other'),
  },
  {
    ...{ finding: 'container-no-egress', name: 'a rule in a chain of Docker' },
    make: async ({ shell }) => void (await shell('iptables -I DOCKER-ISOLATION-STAGE-1 -o eth0 -j DROP')),
  },
  {
    ...{ finding: 'networks-not-isolated', name: 'a rule that accepts all' },
    make: async ({ shell, bridgeOf, docker }) => {
      await shell('iptables -I FORWARD -j ACCEPT')
      await docker(['run', '-d', '--stop-signal=SIGKILL', '--name=peer', 'tools'])
      return { BRIDGE: await bridgeOf('second'), UPLINK: 'eth0' }
    },
    clear: ({ tidy }) =>
      tidy(
        `docker rm -f peer; iptables -D FORWARD -j ACCEPT; iptables-save -t filter | sed -n '/FORWARD.*eth0/s/^-A/-D/p' | while read -r rule; do iptables $rule; done`,
      ),
  },
  {
    ...{ finding: 'duplicate-rules', name: 'a jump that exists twice' },
    make: async ({ shell }) =>
      void (await shell(
        'iptables -N ts-forward && iptables -A FORWARD -j ts-forward && iptables -A FORWARD -j ts-forward',
      )),
    clear: ({ tidy }) => tidy('iptables -D FORWARD -j ts-forward && iptables -X ts-forward'),
  },
  {
    ...{ finding: 'forward-policy-drop-unaccepted', name: 'the bridge of a CNI plugin' },
    make: async ({ shell }) => {
      await shell(`${withoutCni}; ${otherBridge('cni0', '10.88.0.1/24')}`)
      await shell('iptables -t nat -A POSTROUTING -s 10.88.0.0/24 ! -o cni0 -j MASQUERADE')
      // Docker sets it where it enables forwarding, which is enabled already when it starts again.
      await shell('iptables -P FORWARD DROP')
      return { BRIDGE: 'cni0', UPLINK: 'eth0' }
    },
    clear: ({ tidy }) => tidy(withoutCni),
  },
  {
    ...{ finding: 'container-no-egress', name: 'guests that nothing masquerades' },
    make: async ({ shell }) =>
      void (await shell(
        `${withoutCni}; ${otherBridge('cni0', '10.88.0.1/24')} && iptables -I DOCKER-USER -i cni0 -j ACCEPT && iptables -I DOCKER-USER -o cni0 -j ACCEPT`,
      )),
    clear: ({ tidy }) => tidy(withoutCni),
  },
  {
    ...{ finding: 'iptables-backend-mixed', name: 'rules of another program in legacy' },
    make: async ({ shell }) => void (await shell('iptables-legacy -A INPUT -p tcp --dport 9 -j ACCEPT')),
  },
  {
    ...{ finding: 'bridge-churn-race', name: 'networks changed next to an overwriter' },
    settings: { runner_window: '1s' },
    make: async ({ docker, engine }) => {
      const names = (kind: string) => [0, 1, 2].map((at) => `wp_${kind}${at}_0_default`)
      for (const name of names('kept')) await docker(['network', 'rm', name]).catch(() => {})
      for (const name of names('brief')) await docker(['network', 'create', name])
      overwriter = await startOverwriter(engine.namespace)
      await overwriter.whileItThinks(async () => {
        for (const name of names('kept')) await docker(['network', 'create', name])
        for (const name of names('brief')) await docker(['network', 'rm', name])
      })
      await sleep(settleMs)
    },
    // The program writes again only in five minutes.
    calm: async () => overwriter?.stop(),
    clear: ({ tidy }) =>
      tidy(
        'docker network rm wp_kept0_0_default wp_kept1_0_default wp_kept2_0_default ci; iptables -D FORWARD -j KUBE-ROUTER-FORWARD; iptables -X KUBE-ROUTER-FORWARD',
      ),
    leaves: {
      'kube-router-overwriter-present': 'its chain stays until its program is gone',
      'bridge-churn-burst': 'its networks changed a moment ago',
    },
  },
  {
    ...{ finding: 'host-tcp-blackhole', name: 'a rule of Tailscale lost', from: 'container' },
    settings: { listeners: '22' },
    make: async ({ shell }) =>
      void (await shell(
        'iptables -F ts-input 2> /dev/null; iptables -D INPUT -j ts-input 2> /dev/null; iptables -X ts-input 2> /dev/null; iptables -P INPUT DROP && { iptables -C INPUT -i lo -j ACCEPT 2> /dev/null || iptables -A INPUT -i lo -j ACCEPT && iptables -A INPUT -p icmp -j ACCEPT; }',
      )),
    leaves: {
      'not-observable': 'a plain container sees little',
      'host-port-refused': 'nothing listens on the port that is reached again',
    },
    clear: ({ tidy }) =>
      tidy(
        'iptables -P INPUT ACCEPT; iptables -D INPUT -i lo -j ACCEPT; iptables -D INPUT -p icmp -j ACCEPT; iptables -D INPUT -j ts-input; iptables -F ts-input; iptables -X ts-input; rm -f rules.txt',
      ),
  },
]
