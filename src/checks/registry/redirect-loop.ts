import { troubleCheck } from '../failure-check.ts'

export default troubleCheck({
  id: 'redirect-loop',
  group: 'registry',
  title: 'redirects end',
  fault: "The registry's redirects don't end.",
  advice: "Look at the proxy's rewrite rules: they send the request around in a circle.",
})
