// Another Lever account than before: it asks first, and only then is the connection another one.
import { Lever } from './support/lever';
import { setUp } from './support/set_up';
import { expect, test } from './support/test';

test.setTimeout(180_000);

test('another Lever account is connected only when a person confirms it', async ({ page, request, stack }) => {
  const candilever = await setUp(page, stack);
  await candilever.openLeverPage();
  await expect(page.getByText('halden.example', { exact: true })).toBeVisible();

  await test.step('Disconnect asks, and is done', async () => {
    await page.getByRole('link', { name: 'Disconnect' }).click();
    await page.getByRole('group', { name: 'Disconnect Lever?' }).getByRole('button', { name: 'Disconnect' }).click();
    await expect(page.getByText('Lever is disconnected', { exact: true })).toBeVisible();
  });

  await request.post(`${stack.lever}/sandbox/account`, { data: { domain: 'norrsken.example' } });
  const lever = new Lever(page, stack.lever);
  const question = page.getByRole('alert').filter({ hasText: 'You logged in to another Lever account than before' });

  await test.step('the return names both accounts and connects nothing', async () => {
    await page.getByRole('button', { name: 'Connect', exact: true }).first().click();
    await lever.acceptConsent('Nora Lindqvist');
    await expect(question).toContainText('Connected before: halden.example. You logged in to: norrsken.example.');
    await candilever.openLeverPage();
    await expect(page.getByText('Lever is disconnected', { exact: true })).toBeVisible();
    await expect(page.getByText('norrsken.example', { exact: true })).toHaveCount(0);
  });

  await test.step('the person confirms, and the other account is connected', async () => {
    // Lever asks once: what was accepted there a moment ago leads straight back.
    await page.getByRole('button', { name: 'Connect', exact: true }).first().click();
    await question.getByRole('button', { name: 'Connect the other account' }).click();
    await expect(page.getByText('Lever is connected', { exact: true })).toBeVisible();
    await expect(page.getByText('norrsken.example', { exact: true })).toBeVisible();
    await expect(page.getByText('halden.example', { exact: true })).toHaveCount(0);
  });
});
