import { failureCheck } from '../failure-check.ts'

export default failureCheck({
  id: 'access-denied',
  title: 'the image may be pulled',
  fault: 'The registry does not let this login pull the image.',
  advice:
    'Give the account read access to the repository, or use the login of one that has it (username, password from_secret).',
  // A catalog that may not be read has a finding of its own.
  unless: ({ source }) => source === 'catalog',
})
