import { setSteps } from './ipsets.ts'
import { optionSteps, plainModules, wholeModules } from './iptables-options.ts'
import { targetSteps } from './iptables-target.ts'
import type { Rule, Step } from './model.ts'
import { saveWords } from './words.ts'

/** The steps of a match of an ipset, by its options. */
export type SetSteps = (options: string[]) => Step[]

/** Parses a rule of `iptables-save` without `-A CHAIN`. */
export function parseSavedRule(
  text: string,
  family: 'ip' | 'ip6',
  chains: ReadonlySet<string>,
  sets: SetSteps = (options) => setSteps(options, family, new Map()),
): Rule {
  const words = saveWords(text)
  const steps: Step[] = []
  let negated = false
  let module = ''
  for (let at = 0; at < words.length; ) {
    const word = words[at] ?? ''
    if (word === '!') {
      negated = true
      at += 1
      continue
    }
    if (word === '-j' || word === '-g') {
      steps.push(...targetSteps(word, words.slice(at + 1), chains))
      break
    }
    const args = argumentsAfter(words, at)
    at += 1 + args.length
    if (word === '-m') {
      module = args[0] ?? ''
      const whole = module === 'set' ? sets : wholeModules.get(module)
      if (whole) steps.push(...whole(optionsOf(words.slice(at))))
      else if (!plainModules.has(module)) steps.push({ kind: 'unknown', text: `-m ${module}` })
    } else {
      steps.push(...(optionSteps(word, args, module, { family, negated }) ?? [unknown(word, args)]))
    }
    negated = false
  }
  return { text, steps }
}

const unknown = (word: string, args: string[]): Step => ({ kind: 'unknown', text: [word, ...args].join(' ') })

/** The words up to the next match or the target. */
function optionsOf(words: string[]): string[] {
  const end = words.findIndex((word) => /^-[a-z]$/.test(word))
  return end === -1 ? words : words.slice(0, end)
}

/** The words up to the next option; `-` begins an option, never an argument of those that iptables-save prints. */
function argumentsAfter(words: string[], at: number): string[] {
  if (words[at] === '--comment') return words.slice(at + 1, at + 2)
  let end = at + 1
  while (end < words.length && !isOption(words[end] ?? '')) end += 1
  return words.slice(at + 1, end)
}

const isOption = (word: string): boolean => word === '!' || /^--?[a-z]/i.test(word)
