import { failureCheck } from '../failure-check.ts'

export default failureCheck({
  id: 'denied-or-missing',
  title: 'the image may be pulled without a login, or a login was given',
  fault: 'The registry tells nothing without a login: the image may be private, or may not exist.',
  advice:
    'Give username and password (from_secret) of an account that may pull it, or make the package public.',
  // A catalog that may not be read has a finding of its own.
  unless: ({ source }) => source === 'catalog',
})
