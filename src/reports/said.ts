import type { Result } from '../core/result.ts'

/** What a result says in sentences, of both its halves. */

export function verdictOf(result: Result): string[] {
  const measured = result.command === 'bench' ? (result.measured?.verdict ?? []) : []
  return [...result.simulated.verdict, ...measured]
}

export function warningsOf(result: Result): string[] {
  const measured = result.command === 'bench' ? (result.measured?.warnings ?? []) : []
  return [...result.simulated.warnings, ...measured]
}
