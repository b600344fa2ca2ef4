/* Times of a simulation as they are reported: what is finer than a nanosecond comes of rounding. */

/** Milliseconds, to the nanosecond. */
export const milliseconds = (seconds: number) => Math.round(seconds * 1e9) / 1e6
/** Seconds, to the nanosecond. */
export const roundSeconds = (seconds: number) => Math.round(seconds * 1e9) / 1e9
