/** The looks that every page has, and what is wrong with it in any of them. */
import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from 'playwright-core';

const SCREENS = {
  desktop: { width: 1200, height: 800 },
  phone: { width: 390, height: 844 },
} as const;

type Results = Awaited<ReturnType<AxeBuilder['analyze']>>;
interface Axe {
  run(): Promise<Results>;
}

export const LOOKS = (['desktop', 'phone'] as const).flatMap((screen) =>
  (['light', 'dark'] as const).map((colorScheme) => ({
    name: `${colorScheme}-${screen}`,
    screen,
    colorScheme,
  })),
);

/** One page, seen in each of them: nothing is loaded again. */
export async function inEveryLook(page: Page, see: (look: string) => Promise<void>): Promise<void> {
  for (const { name, screen, colorScheme } of LOOKS) {
    await page.setViewportSize(SCREENS[screen]);
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    await see(name);
  }
  await page.setViewportSize(SCREENS.desktop);
}

/** What axe finds, and what it can not judge, in any look. */
export async function findings(page: Page): Promise<string[]> {
  const found: string[] = [];
  await page.evaluate(() => {
    // axe judges no text above a gradient. Its strongest colour is the hardest to read on.
    document.body.style.background = 'var(--glow, Canvas)';
  });
  await inEveryLook(page, async (look) => {
    // The first look brings axe into the page, which takes longer than all of its rules.
    const { violations, incomplete } =
      look === LOOKS[0]?.name
        ? await new AxeBuilder({ page }).setLegacyMode().analyze()
        : await page.evaluate(() => (globalThis as unknown as { axe: Axe }).axe.run());
    for (const { id, nodes } of [...violations, ...incomplete]) {
      const elements = nodes.map(({ html }) => html).filter((html) => !/^<(text|tspan) /.test(html));
      if (elements.length > 0) found.push(`${look}: ${id}: ${elements.join(' | ')}`);
    }
    for (const text of await page.evaluate(faintInDrawings)) found.push(`${look}: too faint: ${text}`);
    const isTooWide = await page.evaluate(
      () => document.documentElement.scrollWidth > document.documentElement.clientWidth,
    );
    if (isTooWide) found.push(`${look}: wider than the screen`);
  });
  await page.evaluate(() => document.body.style.removeProperty('background'));
  return found;
}

/** Texts of drawings, which axe leaves undecided, with less than 4.5 : 1 to what is drawn under them (WCAG 1.4.3). */
function faintInDrawings(): string[] {
  const luminance = (colour: string): number => {
    const [r = 0, g = 0, b = 0] = (colour.match(/[\d.]+/g) ?? []).map((part) => {
      const share = Number(part) / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  return [...document.querySelectorAll<SVGTextElement>('svg text, svg tspan')]
    .filter((text) => {
      const under = text.closest('g')?.querySelector('rect');
      const card = text.closest('.card');
      const ground = under ? getComputedStyle(under).fill : card && getComputedStyle(card).backgroundColor;
      const [dark = 0, light = 0] = [getComputedStyle(text).fill, ground ?? '']
        .map(luminance)
        .toSorted((one, other) => one - other);
      return (light + 0.05) / (dark + 0.05) < 4.5;
    })
    .map((text) => text.outerHTML);
}
