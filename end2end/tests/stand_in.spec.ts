// The stand-ins themselves, where a person would notice that they get in the way.
import { expect, test } from './support/test';

test('a page of a stand-in that is being left does not reload itself', async ({ page, stack }) => {
  await page.goto(`${stack.canditech}/outbox`);
  const live = await page.locator('body').getAttribute('data-live');
  let looks = 0;
  let arrive = () => {};
  const lookedTwice = new Promise<void>((resolve) => { arrive = resolve; });
  await page.route(`${stack.canditech}${live}`, async (route) => {
    await route.fulfill({ json: { version: 1e9 } });
    looks += 1;
    if (looks === 2) arrive();
  });
  // The next page comes only when the old one has heard that there is something newer, and could act on it.
  await page.route('**/settings/callbacks', async (route) => {
    await lookedTwice;
    await route.continue();
  });
  await page.goto(`${stack.canditech}/settings/callbacks`);
  await expect(page).toHaveURL(/settings\/callbacks/);
});
