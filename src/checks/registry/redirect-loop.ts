import { failureCheck } from '../failure-check.ts'

export default failureCheck({
  id: 'redirect-loop',
  title: 'redirects end',
  fault: "The registry's redirects don't end.",
  advice: "Look at the proxy's rewrite rules: they send the request around in a circle.",
})
