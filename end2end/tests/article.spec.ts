// The article "Enabling and using the Canditech integration", line by line, in one browser, from an
// organization with nothing set up to Revoke Access and back.
import { Candilever, KEY, SUCCESS } from './support/candilever';
import { Canditech } from './support/canditech';
import { Lever } from './support/lever';
import { expect, test } from './support/test';

test.setTimeout(300_000);

const CANDIDATE = 'Maya Chen';
const EMAIL = 'maya.chen@mail.example';

test('the article, line by line', async ({ page, context, stack }) => {
  const candilever = new Candilever(page, stack);
  const leverPage = await context.newPage();
  const lever = new Lever(leverPage, stack.lever);
  const canditech = new Canditech(await context.newPage(), stack.canditech);

  await test.step('a Super Admin opens Settings > Integrations > Lever and clicks Connect', async () => {
    await candilever.signIn();
    await page.getByRole('link', { name: 'Settings' }).first().click();
    await page.getByRole('main').getByRole('link', { name: /Lever/ }).first().click();
    await expect(page.getByText(/Super Admin in Lever/).first()).toBeVisible();
    await page.getByRole('button', { name: 'Connect', exact: true }).first().click();
  });

  await test.step('logs in at Lever, reviews the permissions, accepts', async () => {
    await page.getByRole('button', { name: /Log in as Nora Lindqvist/ }).click();
    await expect(page.getByRole('heading', { name: /wants to access/ })).toBeVisible();
    await expect(page.getByText('notes:write:admin').first()).toBeVisible();
    await page.getByRole('button', { name: 'Accept' }).click();
    await page.waitForURL(/\/settings\/integrations\/lever/);
    await expect(page.getByRole('listitem').filter({ hasText: 'Connected' }).first()).toContainText('Done');
  });

  await test.step('adds the Candidate Stage Change webhook by hand and verifies the connection', async () => {
    const url = await page.getByRole('textbox', { name: 'Webhook URL', exact: true }).inputValue();
    const token = await lever.addWebhook(url);
    await page.getByRole('textbox', { name: 'Signature token', exact: true }).fill(token);
    await page.getByRole('button', { name: 'Save signature token' }).click();
    await lever.verifyConnection();
    await expect(page.getByRole('listitem').filter({ hasText: 'Verified' }).first()).toContainText('Done');
  });

  await test.step("adds a stage 'Canditech Stage' to Lever's pipeline", async () => {
    await lever.addStage('Canditech Stage');
    await page.getByRole('button', { name: 'Sync now' }).click();
    await expect(page.getByRole('listitem').filter({ hasText: /stage to send from/i }).first()).toContainText('Done');
  });

  await test.step('connects Canditech with the organization-level key', async () => {
    await candilever.saveCanditech(KEY);
    await expect(page.getByText(/key was accepted/i).first()).toBeVisible();
    await candilever.handOverCallbackSecret();
  });

  await test.step('attaches an assessment to the stage: position, stage, assessment', async () => {
    await candilever.openLeverPage();
    await page.getByRole('link', { name: 'Attach Assessment to Stage' }).first().click();
    await candilever.choose('Python Developer');
    await candilever.choose('Canditech Stage');
    await candilever.choose('Python, 60 min');
    await expect(page.getByText(SUCCESS)).toBeVisible();
  });

  await test.step('adds a candidate with name, e-mail and job in Lever and moves them to the stage', async () => {
    await candilever.openCandidates();
    await lever.addCandidate(CANDIDATE, EMAIL, 'Python Developer');
    await lever.moveTo('Canditech Stage');
  });

  await test.step('the Candidates tab shows the invite, without a reload', async () => {
    const announced = page.getByRole('button', { name: /new/ });
    await expect(candilever.row(CANDIDATE).or(announced).first()).toBeVisible();
    if (await announced.isVisible()) await announced.click();
    await expect(candilever.row(CANDIDATE)).toContainText('Sent');
    expect(await canditech.mailsTo(EMAIL)).toBe(1);
  });

  await test.step('the candidate submits, the status becomes Completed', async () => {
    await canditech.followMail(EMAIL);
    await canditech.takeTest();
    await expect(candilever.row(CANDIDATE)).toContainText('Completed');
  });

  await test.step("the opportunity's Notes show the link, the score and verdict n/a", async () => {
    await expect(async () => {
      await lever.openNotes(CANDIDATE);
      const note = leverPage.getByRole('article').first();
      await expect(note).toContainText(/Score: \d+(\.\d+)?\/100/, { timeout: 500 });
      await expect(note).toContainText('Verdict: n/a', { timeout: 500 });
      await expect(note.getByRole('link', { name: /\/r\// })).toBeVisible({ timeout: 500 });
    }).toPass();
  });

  await test.step('the link opens the submitted assessment', async () => {
    const report = await context.newPage();
    await report.goto((await leverPage.getByRole('link', { name: /\/r\// }).first().getAttribute('href')) ?? '');
    await expect(report.getByRole('heading', { name: new RegExp(CANDIDATE) }).first()).toBeVisible();
    await report.close();
  });

  await test.step("a recruiter gives thumbs up in the candidate's session", async () => {
    await candilever.openCandidate(CANDIDATE);
    await candilever.give('Thumbs up');
    await expect(page.getByText(/passed/i).first()).toBeVisible();
  });

  await test.step('the verdict in the Lever note becomes passed, in the same note', async () => {
    await expect(async () => {
      await lever.openNotes(CANDIDATE);
      await expect(leverPage.getByRole('article').first()).toContainText('Verdict: passed', { timeout: 500 });
    }).toPass();
    await expect(leverPage.getByRole('article')).toHaveCount(1);
  });

  await test.step('thumbs given in the Canditech report reach Lever just the same', async () => {
    const report = await context.newPage();
    await report.goto((await leverPage.getByRole('link', { name: /\/r\// }).first().getAttribute('href')) ?? '');
    await new Canditech(report, stack.canditech).give('Thumbs down');
    await report.close();
    await expect(async () => {
      await lever.openNotes(CANDIDATE);
      await expect(leverPage.getByRole('article').first()).toContainText('Verdict: failed', { timeout: 500 });
    }).toPass();
  });

  await test.step('Revoke Access in Lever: Candilever notices, says so, and keeps the work', async () => {
    await lever.revokeAccess();
    await candilever.openCandidate(CANDIDATE);
    await candilever.give('Thumbs up');
    await candilever.openLeverPage();
    await expect(async () => {
      await page.reload();
      await expect(page.getByText(/revoked/i).first()).toBeVisible({ timeout: 500 });
    }).toPass();
  });

  await test.step('Connect again: the work that waited goes on by itself', async () => {
    await page.getByRole('button', { name: 'Connect', exact: true }).first().click();
    await new Lever(page, stack.lever).acceptConsent('Nora Lindqvist');
    await page.waitForURL(/\/settings\/integrations\/lever/);
    await expect(async () => {
      await lever.openNotes(CANDIDATE);
      await expect(leverPage.getByRole('article').first()).toContainText('Verdict: passed', { timeout: 500 });
    }).toPass();
  });
});
