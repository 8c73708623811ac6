import { failureCheck } from '../failure-check.ts'

export default failureCheck({
  id: 'connection-refused',
  title: 'every host accepts connections',
  fault: 'Connection refused: the host answers, but nothing listens on this port.',
  advice:
    'Check that the registry is running and that the port is right; if a reverse proxy fronts it, check that too.',
  bySign: {
    icmp: {
      title:
        'Connection rejected: a firewall answers for this port (ICMP), whether or not something listens on it.',
      advice: 'Allow this runner in the firewall of the host or in front of it: find the rule with REJECT.',
    },
  },
})
