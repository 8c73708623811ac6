import { failureCheck } from '../failure-check.ts'

export default failureCheck({
  id: 'insufficient-scope',
  title: 'the login may pull here',
  fault: 'The login is accepted, and its token does not allow a pull of this repository.',
  advice:
    'Give the account read access to the repository, or use an access token with the scope to read packages.',
  // A catalog that may not be read has a finding of its own.
  unless: ({ source }) => source === 'catalog',
})
