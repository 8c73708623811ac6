import { failureCheck } from '../failure-check.ts'

export default failureCheck({
  id: 'name-not-resolved',
  title: 'every host name resolves',
  fault: 'Name not found: no configured DNS server resolves it.',
  advice:
    "Run getent hosts NAME in the step's container; nodes and containers may use different DNS servers.",
})
