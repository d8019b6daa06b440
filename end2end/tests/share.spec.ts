// How much of Lever's rate is ours: a Super Admin's choice on the Lever page.
import { Candilever } from './support/candilever';
import { Page } from '@playwright/test';
import { setUp } from './support/set_up';
import { expect, test } from './support/test';

async function choose(page: Page, candilever: Candilever) {
  await candilever.openLeverPage();
  const connection = page.getByRole('region', { name: 'Connection' });
  await expect(connection).toContainText('At most 10 a second, of the 10 that Lever allows');
  await connection.getByText('Change how many calls a second are ours').click();
  await connection.getByRole('combobox', { name: 'Calls a second' }).selectOption('8');
  await connection.getByRole('button', { name: 'Save the share' }).click();
  await expect(connection).toContainText('At most 8 a second, of the 10 that Lever allows');
}

test('a Super Admin chooses how much of the rate of Lever is ours', async ({ page, stack }) => {
  const candilever = await setUp(page, stack);
  await choose(page, candilever);
  await page.reload();
  await expect(page.getByRole('combobox', { name: 'Calls a second', includeHidden: true })).toHaveValue('8');
});

test.describe('without JavaScript', () => {
  test.use({ javaScriptEnabled: false });

  test('the share is chosen by a plain form', async ({ page, stack }) => {
    await choose(page, await setUp(page, stack));
  });
});
