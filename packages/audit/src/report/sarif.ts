/** SARIF 2.1.0, for code hosts and dashboards that read it. */
import type { Severity } from '../engine/check.ts';
import type { Report } from '../engine/report.ts';

const LEVELS: Readonly<Record<Severity, 'error' | 'warning' | 'note'>> = {
  critical: 'error',
  high: 'error',
  medium: 'warning',
  low: 'note',
  info: 'note',
};

/** As GitHub sorts them: https://docs.github.com/code-security, `security-severity`. */
const SCORES: Readonly<Record<Severity, string>> = {
  critical: '9.5',
  high: '8.0',
  medium: '5.5',
  low: '2.5',
  info: '0.0',
};

export function sarifReport(report: Report): string {
  const rules = report.checks.map(({ id, title, about, fixHere, severity, requirements }) => ({
    id,
    name: id.replace(/(?:^|-)(\w)/g, (_, letter: string) => letter.toUpperCase()),
    shortDescription: { text: title },
    fullDescription: { text: `${about.what} ${about.why}` },
    help: { text: [about.decides, fixHere, about.fix].filter(Boolean).join('\n\n') },
    defaultConfiguration: { level: LEVELS[severity] },
    properties: { tags: ['security', ...requirements], 'security-severity': SCORES[severity] },
  }));
  const results = report.checks.flatMap((check, ruleIndex) =>
    check.findings.map((finding) => ({
      ruleId: check.id,
      ruleIndex,
      level: LEVELS[finding.severity],
      message: { text: finding.summary },
      locations: [
        {
          physicalLocation: { artifactLocation: { uri: report.target } },
          logicalLocations: [{ name: finding.subject, kind: 'resource' }],
        },
      ],
      partialFingerprints: { 'holdfastAudit/v1': finding.fingerprint },
      ...(finding.isAccepted && {
        suppressions: [{ kind: 'external', justification: 'accepted in the baseline' }],
      }),
    })),
  );
  const unclear = report.checks
    .filter(({ outcome }) => outcome === 'inconclusive')
    .map(({ id, summary }) => ({
      level: 'note',
      message: { text: `${id}: ${summary}` },
      associatedRule: { id },
    }));
  const log = {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: { driver: { name: 'holdfast-audit', version: '0.1.0', rules } },
        invocations: [
          {
            executionSuccessful: report.stopped === undefined,
            startTimeUtc: report.startedAt,
            toolExecutionNotifications: unclear,
          },
        ],
        results,
      },
    ],
  };
  return `${JSON.stringify(log, null, 2)}\n`;
}
