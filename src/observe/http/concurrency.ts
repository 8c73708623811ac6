/** The most concurrent requests to one host. */
export interface Concurrency {
  /** Where each has a connection of its own. */
  http1: number
  /** Where all share one connection. */
  http2: number
}

/**
 * The most concurrent requests, from the setting `concurrency`. On HTTP/2 a request more costs the server no connection, and 16 at once
 * would make an image of 200 blobs wait for 12 round trips; more than 64 are not faster, and servers allow 100 and more (RFC 9113, section
 * 6.5.2, recommends no less).
 */
export const concurrencyOf = (setting: number | undefined): Concurrency => ({
  http1: setting ?? 16,
  http2: setting ?? 64,
})
