// Whether a page is still the one that was loaded: links and forms of a live page are handled without a load.
import { expect, Page } from '@playwright/test';

/** Puts a mark on the page that a full page load would wipe out. */
export async function mark(page: Page) {
  await page.evaluate(() => Object.assign(window, { stillTheSamePage: true }));
}

export async function isSamePage(page: Page): Promise<boolean> {
  return page.evaluate(() => 'stillTheSamePage' in window);
}

/** Waits until the page handles links by itself, with one of our own: not every page has one. It leads away. */
export async function comesAlive(page: Page) {
  const address = page.url();
  await expect(async () => {
    if (page.url() !== address) await page.goto(address);
    await mark(page);
    await page.evaluate(() => {
      const link = Object.assign(document.createElement('a'), { href: '/sign-in?next=/activity', textContent: 'Away' });
      document.documentElement.append(link);
    });
    await page.getByRole('link', { name: 'Away', exact: true }).last().click();
    await expect(page).toHaveURL(/\/sign-in\?next=\/activity$/, { timeout: 2000 });
    expect(await isSamePage(page)).toBe(true);
  }).toPass();
}
