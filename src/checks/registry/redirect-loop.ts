import { failureCheck } from '../failure-check.ts'

export default failureCheck({
  id: 'redirect-loop',
  title: 'redirects end',
  fault: "Redirect loop: the registry's redirects do not end.",
  advice: 'Check the rewrite rules of the reverse proxy: they send the request around in a loop.',
})
