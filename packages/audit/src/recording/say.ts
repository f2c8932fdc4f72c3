/** A step in words: what is sent, and where it comes from. Never a value. */
import type { Act, Source, Step } from '../recipe/recipe.ts';

export function sayStep(step: Step): string {
  const saves = Object.values(step.save ?? {}).map((source) => `takes ${saySource(source)} from the answer`);
  return [sayAction(step), ...saves].join(', and ');
}

function sayAction(step: Step): string {
  if ('browser' in step) return `opens ${step.browser} in Chromium, ${step.do.map(sayAct).join(', ')}`;
  if ('request' in step) {
    const names = Object.keys(step.form ?? (typeof step.json === 'object' ? (step.json ?? {}) : {}));
    return names.length === 0 ? step.request : `${step.request} with ${names.join(', ')}`;
  }
  const names = Object.keys(step.submit ?? {});
  if (names.length === 0) return `opens ${step.open}`;
  return `fills in ${names.join(' and ')} in the form of ${step.open}, and takes what is hidden there from the page`;
}

function sayAct({ fill, press }: Act): string {
  const fields = Object.keys(fill ?? {}).join(' and ');
  return [
    ...(fill ? [`fills in ${fields}`] : []),
    press === undefined ? 'presses Enter' : `presses “${press}”`,
  ].join(' and ');
}

function saySource(source: Source): string {
  const [[kind = '', where = ''] = []] = Object.entries(source) as [string, string][];
  return `the ${kind === 'json' ? 'value' : kind} ${where}`;
}
