const NONE = -1

/**
 * What was drawn at random for a request, as a number: a victim, or a choice. Whoever asks again for the same request
 * before it is used up is told the same, so that naming a victim changes nothing. An object with no function in it, so
 * that it costs a policy no call that differs from policy to policy.
 */
export class DrawnOnce {
  /** What was drawn last, used up or not. */
  value = NONE
  private at = NONE

  /** Whether `value` is of the request `at`, and not used up. */
  isOf(at: number): boolean {
    return this.at === at
  }

  /** @returns the value, which is kept until it is used up or another is */
  keep(value: number, at: number): number {
    this.value = value
    this.at = at
    return value
  }

  useUp(): void {
    this.at = NONE
  }
}
