import { troubleCheck } from './troubles.ts'

export default troubleCheck({
  id: 'access-denied',
  group: 'registry',
  title: 'the image may be pulled',
  fault: "The registry doesn't let this login, or nobody without one, pull the image.",
  advice:
    'Give username and password (from_secret) of an account that may pull it, or make the package public.',
  // A catalog that may not be read has a finding of its own.
  unless: ({ subject }) => subject.startsWith('the catalog of '),
})
