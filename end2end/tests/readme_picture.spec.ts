// The picture of the README, from a real run: the stage menu in Lever, the row in Candilever, the note in
// Lever. It lands in end2end/pages/three-panes.png.
import { Page } from '@playwright/test';
import path from 'node:path';
import { setUp } from './support/candilever';
import { Canditech } from './support/canditech';
import { Lever } from './support/lever';
import { expect, test } from './support/test';

test.setTimeout(240_000);

const EMAIL = 'maya.chen@mail.example';

const PANE = { width: 780, height: 600 };

async function pane(of: Page): Promise<string> {
  return `data:image/png;base64,${(await of.screenshot()).toString('base64')}`;
}

test('three panes of one run', async ({ page, context, stack }) => {
  const candilever = await setUp(page, stack);
  const leverPage = await context.newPage();
  await leverPage.setViewportSize(PANE);
  const lever = new Lever(leverPage, stack.lever);
  const canditech = new Canditech(await context.newPage(), stack.canditech);

  await lever.addCandidate('Maya Chen', EMAIL, 'Python Developer');
  await lever.moveTo('Canditech Stage');
  await expect(leverPage.getByRole('heading', { name: 'Maya Chen' })).toBeVisible();
  const panes = [['In Lever: move the candidate', await pane(leverPage)]];

  await expect(async () => expect(await canditech.mailsTo(EMAIL)).toBe(1)).toPass();
  await page.request.post(`${stack.canditech}/sandbox/complete`, { data: { invite: EMAIL, score: 87 } });
  await expect(async () => {
    await candilever.openCandidates();
    await expect(candilever.row('Maya Chen')).toContainText('Completed', { timeout: 500 });
  }).toPass();
  await candilever.openCandidate('Maya Chen');
  await page.getByRole('button', { name: 'Thumbs up' }).first().click();
  await expect(page.getByText(/passed/i).first()).toBeVisible();
  await page.setViewportSize(PANE);
  await candilever.openCandidates();
  await expect(candilever.row('Maya Chen')).toContainText(/passed/i);
  panes.push(['In Candilever: the row', await pane(page)]);

  await expect(async () => {
    await lever.openNotes('Maya Chen');
    await expect(leverPage.getByRole('article').first()).toContainText('Verdict: passed', { timeout: 500 });
  }).toPass();
  await leverPage.getByRole('article').first().evaluate((note) => note.scrollIntoView({ block: 'center' }));
  panes.push(['In Lever: the note', await pane(leverPage)]);

  const sheet = await context.newPage();
  await sheet.setViewportSize({ width: 1500, height: 560 });
  await sheet.setContent(`<main style="display:flex;gap:16px;padding:16px;align-items:flex-start;font:600 16px system-ui;background:#f4f4f6">
    ${panes.map(([title, image]) => `<figure style="margin:0;flex:1 1 0"><figcaption style="padding:0 0 8px">${title}</figcaption><img src="${image}" style="width:100%;border:1px solid #ccc;border-radius:8px"></figure>`).join('')}
  </main>`);
  await sheet.locator('main').screenshot({ path: path.resolve(__dirname, '../pages/three-panes.png') });
});
