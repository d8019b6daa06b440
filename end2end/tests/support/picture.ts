// Pages as people see them: light, dark and on a phone. The pictures land in end2end/pages for somebody to look at.
import AxeBuilder from '@axe-core/playwright';
import { Page } from '@playwright/test';
import path from 'node:path';
import { expect } from './test';

const FOLDER = path.resolve(__dirname, '../../pages');
const DESK = { width: 1280, height: 860 };
const PHONE = { width: 360, height: 740 };
/** The narrowest that a page has to fit. */
export const NARROW = { width: 320, height: 640 };

/** Takes a picture in each look and checks the page in it. */
export async function inEachLook(page: Page, name: string, phone: typeof PHONE, check: (width: number) => Promise<void>) {
  const looks = [['light', 'light', DESK], ['dark', 'dark', DESK], ['phone', 'light', phone]] as const;
  for (const [look, colorScheme, size] of looks) {
    await page.setViewportSize(size);
    await page.emulateMedia({ colorScheme });
    await page.screenshot({ path: path.join(FOLDER, `${name}-${look}.png`), fullPage: true, animations: 'disabled' });
    await check(size.width);
  }
  await page.setViewportSize(DESK);
  await page.emulateMedia({ colorScheme: 'light' });
}

/** The same for a page that fits its window and that everybody can use. */
export async function picture(page: Page, name: string, phone = PHONE) {
  await inEachLook(page, name, phone, async (width) => {
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
    expect(overflow, `${name} at ${width} px must not scroll sideways`).toBeLessThanOrEqual(0);
    const { violations } = await new AxeBuilder({ page }).analyze();
    expect(violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.target.join(' ')).join(', ')}`), name).toEqual([]);
  });
}
