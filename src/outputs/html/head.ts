import { type Content, type Html, html, trusted } from './markup.ts'
import { style } from './style.ts'

/** The beginning of a page, up to the sheet that holds its content. `policy` is its Content-Security-Policy, a constant of the code. */
export const head = (policy: string, title: Content): Html => html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${trusted(policy)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>${title}</title>
<style>${style}</style>
</head>
<body>
<div class="sheet">`
