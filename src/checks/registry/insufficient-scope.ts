import { failureCheck } from '../failure-check.ts'

export default failureCheck({
  id: 'insufficient-scope',
  title: 'the token allows pulling the image',
  fault:
    'Insufficient scope: the login is accepted, but its token does not allow pulling from this repository.',
  advice:
    'Grant the account read access to the repository, or use an access token with the scope to read packages.',
  // A catalog that may not be read is reported by catalog-inaccessible.
  unless: ({ source }) => source === 'catalog',
})
