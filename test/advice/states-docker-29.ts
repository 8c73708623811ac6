import type { State } from './heal.ts'

/** States of a host with Docker 29 and its nftables backend. */
export const docker29States: State[] = [
  {
    ...{ finding: 'networks-not-isolated', name: 'a chain that nothing leads to' },
    make: async ({ shell, bridgeOf }) =>
      void (await shell(
        `nft delete element ip docker-bridges filter-forward-in-jumps '{ "${await bridgeOf('second')}" }'`,
      )),
  },
  {
    ...{ finding: 'docker-mtu-exceeds-uplink', name: 'Docker 29' },
    make: async ({ shell }) => void (await shell('ip link set eth0 mtu 1400')),
    clear: async (lab) => {
      await lab.tidy('ip link set eth0 mtu 1500')
      await lab.reset()
    },
  },
]
