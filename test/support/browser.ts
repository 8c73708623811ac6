import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core'
import { findProgram } from './need.ts'

/** Debian's Chromium, headless; no other is downloaded. Root needs it without its sandbox. */
export const startBrowser = (): Promise<Browser> =>
  chromium.launch({ executablePath: findProgram('chromium') ?? '', args: ['--no-sandbox', '--disable-gpu'] })

/** What a page did while it was open: messages of its console, errors, and requests, of which it must not make any. */
export interface Watched {
  page: Page
  said: string[]
}

/** Opens a text as a page of its own. */
export async function openPage(
  browser: Browser,
  html: string,
  options: BrowserContextOptions = {},
): Promise<Watched> {
  const context = await browser.newContext({ viewport: { width: 1100, height: 900 }, ...options })
  const page = await context.newPage()
  const said: string[] = []
  page.on('console', (message) => said.push(message.text()))
  page.on('pageerror', (error) => said.push(String(error)))
  page.on('dialog', (dialog) => {
    said.push(`dialog: ${dialog.message()}`)
    void dialog.dismiss()
  })
  const url = 'https://page.invalid/'
  await page.route('**/*', (route) => {
    if (route.request().url() === url)
      return route.fulfill({ contentType: 'text/html; charset=utf-8', body: html })
    said.push(`request: ${route.request().url()}`)
    return route.abort()
  })
  await page.goto(url)
  return { page, said }
}

/**
 * How much two pictures differ, from 0 to 1: the mean difference of their colours at a tenth of their size, so that another version
 * of a font makes none.
 */
export const difference = (page: Page, one: Buffer, other: Buffer): Promise<number> =>
  page.evaluate<number>(
    `(${differenceInPage})(${JSON.stringify([one.toString('base64'), other.toString('base64')])})`,
  )

/** Runs in the browser, which can decode pictures. */
const differenceInPage = `async (pictures) => {
  const [width, height] = [110, 90]
  const [a, b] = await Promise.all(pictures.map(async (data) => {
    const image = new Image()
    image.src = 'data:image/png;base64,' + data
    await image.decode()
    const context = Object.assign(document.createElement('canvas'), { width, height }).getContext('2d')
    context.drawImage(image, 0, 0, width, height)
    return context.getImageData(0, 0, width, height).data
  }))
  return a.reduce((sum, value, at) => sum + Math.abs(value - b[at]), 0) / a.length / 255
}`
