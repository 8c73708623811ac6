import { failureCheck } from '../failure-check.ts'

export default failureCheck({
  id: 'access-denied',
  title: 'the login may pull the image',
  fault: 'Access denied: the registry does not allow this login to pull the image.',
  advice:
    'Grant the account read access to the repository, or use the login of one that has it (username, password from_secret).',
  // A catalog that may not be read is reported by catalog-inaccessible.
  unless: ({ source }) => source === 'catalog',
})
