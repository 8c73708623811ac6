import { failureCheck } from '../failure-check.ts'

export default failureCheck({
  id: 'name-not-resolved',
  title: "every host's name can be resolved",
  fault: "A host's name cannot be resolved from here.",
  advice:
    "Ask the resolver this step uses: getent hosts NAME in the step's container; nodes and containers may use different ones.",
})
