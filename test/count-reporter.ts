import type { Reporter, TestModule } from 'vitest/node'

/** Ends every run with the one line that scripts read: `N passed, N failed`. */
export default class CountReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly unknown[]): void {
    const count = { passed: 0, failed: unhandledErrors.length, skipped: 0, pending: 0 }
    for (const module of modules) {
      const tests = [...module.children.allTests()]
      for (const test of tests) count[test.result().state]++
      if (tests.length === 0 && module.state() === 'failed') count.failed++
    }
    const skipped = count.skipped > 0 ? `, ${count.skipped} skipped` : ''
    // After the default reporter's own summary, which is printed in the same tick.
    setImmediate(() => console.log(`${count.passed} passed, ${count.failed} failed${skipped}`))
  }
}
