import { InputError } from '../core/errors.ts'
import { describeValue } from '../core/options.ts'
import type { ReportOptions } from '../core/report.ts'
import type { Result } from '../core/result.ts'
import { reports } from '../reports/index.ts'

/**
 * A result as text.
 * @param report `terminal`, `csv`, `json` or `markdown`
 * @param options.width columns of a terminal, default 100
 * @throws InputError for an unknown report, and what is no result
 */
export function render(
  result: Result,
  report: string,
  { color = false, width = 100 }: Partial<ReportOptions> = {},
): string {
  if (typeof result !== 'object' || result === null || !('simulated' in result))
    throw new InputError(
      `render() is given ${describeValue(result)}: it takes a result of compare(), sweep(), inspect() or simulate()`,
    )
  return reports.get(report).render(result, { color, width })
}
