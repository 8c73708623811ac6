import { failureCheck } from '../failure-check.ts'

export default failureCheck({
  id: 'host-unreachable',
  title: 'every host has a route',
  fault: 'Host unreachable: there is no route to the host, or a firewall rejects the connection.',
  advice: 'Run ip route get ADDRESS on the runner, and check firewalls on the path for REJECT rules.',
  bySign: {
    icmp: {
      title: 'Host unreachable: a router or firewall on the way rejects the connection.',
      advice:
        'Find the rule or the route that rejects it: run tracepath ADDRESS from the runner; it ends at that router.',
    },
    'no-route': {
      title: 'No route: the routing table of this machine has no route to the host, or one that forbids it.',
      advice: 'Run ip route get ADDRESS on the runner, and add the route, or remove the one that forbids it.',
    },
    'no-neighbour': {
      title: 'Host down: nothing answers at this address in its own network, neither to ARP nor to NDP.',
      advice:
        'Check that the host is on and still has this address; if it was renumbered, change DNS and hosts files.',
    },
  },
})
