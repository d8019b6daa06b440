// Another callback secret, as a Super Admin makes it and hands it over, and the end of the one before.
import { Page } from '@playwright/test';
import { picture } from './support/picture';
import { setUp } from './support/set_up';
import { expect, test } from './support/test';

function secret(page: Page) {
  return page.getByRole('textbox', { name: 'Callback secret', exact: true });
}

async function makesAnother(page: Page, address: string) {
  await page.goto(`${address}/settings/integrations/canditech`);
  const callback = page.getByRole('region', { name: 'Callback' });
  const before = await secret(page).inputValue();
  await callback.getByRole('button', { name: 'Make another secret' }).click();
  await expect(callback).toContainText('The secret before this one counts as well');
  await expect(secret(page)).not.toHaveValue(before);
  await expect(callback.getByRole('button', { name: 'Make another secret' })).toHaveCount(0);
  return callback;
}

test('a Super Admin makes another callback secret, and ends the one before', async ({ page, stack }) => {
  await setUp(page, stack);
  const callback = await makesAnother(page, stack.candilever);
  await picture(page, 'callback-secret');
  const made = await secret(page).inputValue();
  await callback.getByRole('button', { name: 'End the former secret now' }).click();
  await expect(callback.getByRole('button', { name: 'Make another secret' })).toBeVisible();
  await expect(secret(page)).toHaveValue(made);
  await page.goto(`${stack.candilever}/settings/audit`);
  await expect(page.getByRole('main')).toContainText('ended the former callback secret');
  await expect(page.getByRole('main')).toContainText('made another callback secret');
});

test.describe('without JavaScript', () => {
  test.use({ javaScriptEnabled: false });

  test('another callback secret is made by a plain form', async ({ page, stack }) => {
    await setUp(page, stack);
    const callback = await makesAnother(page, stack.candilever);
    await callback.getByRole('button', { name: 'End the former secret now' }).click();
    await expect(callback.getByRole('button', { name: 'Make another secret' })).toBeVisible();
  });
});
