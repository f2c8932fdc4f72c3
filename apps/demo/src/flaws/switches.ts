/** The switches as they are written on the command line. */
import { StartError } from '../config.ts';
import { FLAWS, type FlawName, isFlawName } from './index.ts';

const NAMES = Object.keys(FLAWS);

export const SWITCHES_HELP = `
Without one defence, to see what it is for, or to try an auditor on it. Never for people, and refused
where NODE_ENV is production:
  npm start -- --without <name>    several: --without logout,csrf

${Object.entries(FLAWS)
  .map(([name, { says }]) => `  ${name.padEnd(17)}${says}`)
  .join('\n')}
`;

/** @throws StartError for an argument that is not known, and for any switch in production. */
export function readSwitches(
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): readonly FlawName[] {
  const names: FlawName[] = [];
  for (let i = 0; i < args.length; i++) {
    const [option, ownValue] = splitOnce(args[i] ?? '');
    if (option !== '--without') {
      throw new StartError(`${args[i]}: unknown argument; --help says what there is`);
    }
    // The value is a word of its own where it is not behind an equals sign.
    const value = ownValue ?? args[++i] ?? '';
    for (const name of value.split(',')) {
      if (!isFlawName(name)) {
        throw new StartError(
          `--without: ${JSON.stringify(name)} is no defence; write one of ${NAMES.join(', ')}`,
        );
      }
      names.push(name);
    }
  }
  if (names.length > 0 && env['NODE_ENV'] === 'production') {
    throw new StartError('--without: refused, since NODE_ENV is production; leave it out, or unset NODE_ENV');
  }
  return [...new Set(names)];
}

function splitOnce(argument: string): readonly [string, string | undefined] {
  const equals = argument.indexOf('=');
  return equals === -1 ? [argument, undefined] : [argument.slice(0, equals), argument.slice(equals + 1)];
}

/** For the log, at the start. */
export function describeSwitches(names: readonly FlawName[]): string {
  const lines = names.map((name) => `    ${name}: ${FLAWS[name].says}`);
  return `\n  !! NOT SAFE, ON PURPOSE. Switched off:\n${lines.join('\n')}\n`;
}
