import { type Html, trusted } from './markup.ts'

/** Filters the checks, folds, copies commands and saves the report. Without it everything can be read. */
const source = `
(() => {
  const all = (selector, of = document) => [...of.querySelectorAll(selector)]
  document.documentElement.classList.add('js')
  const search = document.getElementById('search')
  const group = document.getElementById('group')
  const shown = document.getElementById('shown')
  const filter = () => {
    const words = search.value.toLowerCase().split(/\\s+/).filter(Boolean)
    let count = 0
    for (const part of all('#checks details')) {
      let own = 0
      for (const item of all('li', part)) {
        const text = item.textContent.toLowerCase()
        const fits = words.every((word) => text.includes(word)) && (group.value === '' || item.dataset.group === group.value)
        item.hidden = !fits
        if (fits) own += 1
      }
      part.hidden = own === 0
      if (words.length > 0 || group.value !== '') part.open = own > 0
      count += own
    }
    shown.textContent = count + ' shown'
  }
  search?.addEventListener('input', filter)
  group?.addEventListener('change', filter)
  const fold = (open) => { for (const part of all('details')) part.open = open }
  document.getElementById('unfold')?.addEventListener('click', () => fold(true))
  document.getElementById('fold')?.addEventListener('click', () => fold(false))
  let before = []
  addEventListener('beforeprint', () => { before = all('details:not([open])'); fold(true) })
  addEventListener('afterprint', () => { for (const part of before) part.open = false })
  for (const pre of all('.copied pre')) {
    const button = document.createElement('button')
    button.type = 'button'
    button.textContent = 'Copy'
    button.addEventListener('click', async () => {
      try { await navigator.clipboard.writeText(pre.textContent.trim()); button.textContent = 'Copied' }
      catch { getSelection().selectAllChildren(pre); button.textContent = 'Selected' }
    })
    pre.after(button)
  }
  document.getElementById('save')?.addEventListener('click', () => {
    const link = document.createElement('a')
    link.href = URL.createObjectURL(new Blob([document.getElementById('report').textContent], { type: 'application/json' }))
    link.download = 'regguard-report.json'
    link.click()
  })
})()
`

export const script: Html = trusted(source)

/** The hash by which the page's policy allows this script and no other; a test computes it again. */
export const scriptHash = 'sha256-9A4B7JFIH3Ya+YQn8mXh6pAzPPOt5xtNal4aGe9Hrag='
