import { failureCheck } from '../failure-check.ts'

export default failureCheck({
  id: 'denied-or-missing',
  title: 'the image can be pulled without a login, or a login is configured',
  fault: 'Login required: without credentials it is unknown whether the image is private or does not exist.',
  advice:
    'Set username and password (from_secret) of an account that may pull it, or make the package public.',
  // A catalog that may not be read is reported by catalog-inaccessible.
  unless: ({ source }) => source === 'catalog',
})
