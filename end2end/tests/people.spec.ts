// People are let in by a link, look after their own sessions and password, and are shown out; and the audit log
// has all of it.
import { readFileSync } from 'node:fs';
import { Browser, Page } from '@playwright/test';
import { Candilever } from './support/candilever';
import { applies, post, signIn } from './support/people';
import { picture } from './support/picture';
import { setUp } from './support/set_up';
import { expect, test } from './support/test';

test.setTimeout(180_000);

const INES = { email: 'ines@halden.example', name: 'Ines Blum', password: 'a long enough password' };

async function join(browser: Browser, link: string): Promise<Page> {
  const page = await (await browser.newContext()).newPage();
  await page.goto(link);
  await expect(page.getByText('You are invited to')).toContainText(INES.email);
  return page;
}

test('somebody is invited, joins, and is removed', async ({ page, browser, stack }) => {
  await page.goto(stack.signInLink);
  const link = await new Candilever(page, stack).invite(INES.email, 'Team Member');
  await picture(page, 'team-invited');

  const theirs = await join(browser, link);
  await picture(theirs, 'invitation');
  await test.step('a password that anybody guesses is refused with the name kept', async () => {
    await theirs.getByLabel('Your name').fill(INES.name);
    await theirs.getByLabel('Password').fill('password1234');
    await theirs.getByRole('button', { name: 'Join' }).click();
    await expect(theirs.getByText('The password is too short or too easy to guess')).toBeVisible();
    await expect(theirs.getByLabel('Your name')).toHaveValue(INES.name);
  });
  await test.step('she joins and sees what a Team Member sees', async () => {
    await theirs.getByLabel('Password').fill(INES.password);
    await theirs.getByRole('button', { name: 'Join' }).click();
    await expect(theirs.getByRole('heading', { level: 1, name: 'Dashboard' })).toBeVisible();
    await theirs.goto(`${stack.candilever}/settings/team`);
    await expect(theirs.getByRole('row', { name: INES.name })).toContainText('Team Member');
    await expect(theirs.getByRole('button', { name: 'Make an invitation' })).toHaveCount(0);
    await expect(theirs.getByRole('link', { name: 'Audit log' })).toHaveCount(0);
  });
  await test.step('the link works once', async () => {
    const again = await (await browser.newContext()).newPage();
    await again.goto(link);
    await expect(again.getByText('This invitation cannot be used any more')).toBeVisible();
    await again.context().close();
  });

  await test.step('the open page of who invited her shows it', async () => {
    await expect(page.getByRole('row', { name: INES.name })).toContainText('Team Member');
    await expect(page.getByLabel(`Link for ${INES.email}`)).toHaveCount(0);
  });
  await test.step('her role is changed', async () => {
    await page.getByRole('link', { name: INES.name }).click();
    const box = page.getByRole('region', { name: INES.name });
    await expect(box).toBeVisible();
    await picture(page, 'team-person');
    await box.getByLabel('Role').selectOption({ label: 'Admin' });
    await box.getByRole('button', { name: 'Change the role' }).click();
    await expect(page.getByRole('row', { name: INES.name })).toContainText('Admin');
  });
  await test.step('she is removed, and out at once', async () => {
    await page.getByRole('link', { name: INES.name }).click();
    await page.getByRole('button', { name: 'Remove from the organization' }).click();
    await expect(page.getByRole('row', { name: INES.name })).toHaveCount(0);
    await theirs.goto(`${stack.candilever}/candidates`);
    await expect(theirs.getByRole('heading', { level: 1, name: 'Sign in' })).toBeVisible();
  });

  await test.step('the audit log has it', async () => {
    await page.goto(`${stack.candilever}/settings/team`);
    await page.getByRole('link', { name: 'Audit log' }).click();
    await page.getByLabel('About').selectOption({ label: 'People' });
    await page.getByRole('button', { name: 'Show' }).click();
    // What is removed stands first in the whole log too.
    await expect(page).toHaveURL(/area=people/);
    await expect(page.getByText('signed in').first()).toBeVisible();
    const entries = page.getByRole('region', { name: 'Entries' }).getByRole('listitem');
    await expect(entries.first()).toContainText('removed a person');
    await expect(entries.nth(1)).toContainText('role: team_member → admin');
    const check = page.getByRole('link', { name: 'Check the chain' });
    await expect(check).toHaveAttribute('href', /area=people/);
    await check.click();
    await expect(page.getByText('The chain is whole')).toBeVisible();
    await picture(page, 'audit-people');
    const download = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Export as JSON lines' }).click();
    expect((await download).suggestedFilename()).toBe('candilever-audit.jsonl');
    await page.reload();
    await expect(page.getByText('exported this log')).toHaveCount(0);
    await page.goto(`${stack.candilever}/settings/audit`);
    await expect(entries.first()).toContainText('exported this log');
  });
});

test('sessions are seen and ended, and a password is changed', async ({ page, browser, stack }) => {
  const elsewhere = await signIn(browser, stack, 'nora@halden.example');
  const third = await signIn(browser, stack, 'nora@halden.example');
  await page.goto(stack.signInLink);
  await page.goto(`${stack.candilever}/account`);
  const sessions = page.getByRole('region', { name: 'Where you are signed in' });
  await expect(sessions.getByRole('listitem')).toHaveCount(3);
  await expect(sessions.getByText('This one')).toHaveCount(1);
  await expect(sessions.getByRole('listitem').first()).toContainText('127.0.0.1');

  await test.step('one is signed out', async () => {
    await sessions.getByRole('button', { name: 'Sign out there' }).first().click();
    await expect(sessions.getByRole('listitem')).toHaveCount(2);
  });
  await test.step('a wrong present password changes nothing', async () => {
    await page.getByLabel('Present password').fill('not the password');
    await page.getByLabel('New password').fill(INES.password);
    await page.getByRole('button', { name: 'Change the password' }).click();
    await expect(page.getByText('Your present password is another.')).toBeVisible();
  });
  await test.step('the right one changes it and signs out everywhere else', async () => {
    await page.getByLabel('Present password').fill(stack.password);
    await page.getByLabel('New password').fill(INES.password);
    await page.getByRole('button', { name: 'Change the password' }).click();
    await expect(page.getByText('The password is changed')).toBeVisible();
    await expect(sessions.getByRole('listitem')).toHaveCount(1);
    for (const person of [elsewhere, third]) {
      await person.page.goto(`${stack.candilever}/candidates`);
      await expect(person.page.getByRole('heading', { level: 1, name: 'Sign in' })).toBeVisible();
      expect(person.complaints).toEqual([]);
    }
  });
  await test.step('and signs in from now on', async () => {
    await elsewhere.page.getByLabel('E-mail').fill('nora@halden.example');
    await elsewhere.page.getByLabel('Password').fill(INES.password);
    await elsewhere.page.getByRole('button', { name: 'Sign in' }).click();
    await expect(elsewhere.page.getByRole('heading', { level: 1, name: 'Candidates' })).toBeVisible();
  });
  for (const person of [elsewhere, third]) await person.leave();
});

test('a custom role of Lever has access once it is said what it is as, and a candidate gets what is held', async ({
  page,
  browser,
  request,
  stack,
}) => {
  const candilever = await setUp(page, stack);
  const custom = '7c6f0e5c-3b2a-4a65-8f25-d8a2f14c1a09';
  await post(request, `${stack.lever}/sandbox/users/role`, { user: 'Priya Raman', role: custom });
  await page.goto(`${stack.candilever}/settings/integrations/lever`);
  const synced = page.waitForResponse(/sync_lever/);
  await page.getByRole('button', { name: 'Sync now' }).click();
  await synced;
  const priya = await signIn(browser, stack, 'priya@halden.example');
  await priya.page.goto(`${stack.candilever}/candidates`);
  await expect(priya.page.getByRole('heading', { level: 1, name: 'Sign in' })).toBeVisible();

  await page.goto(`${stack.candilever}/settings/team`);
  const roles = page.getByRole('region', { name: 'Roles of your own in Lever' });
  await roles.getByLabel('The role of Priya Raman').selectOption({ label: 'Team Member' });
  await picture(page, 'team-custom-roles');
  const hers = roles.getByRole('listitem').filter({ hasText: 'Priya Raman' });
  await hers.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByRole('row', { name: 'Priya Raman' })).toContainText('Team Member');
  const again = await signIn(browser, stack, 'priya@halden.example');
  await again.page.goto(`${stack.candilever}/candidates`);
  await expect(again.page.getByRole('heading', { level: 1, name: 'Candidates' })).toBeVisible();

  await applies(request, stack, { name: 'Maya Chen', email: 'maya@mail.example' });
  await candilever.waitForRow('Maya Chen', 'Sent');
  await candilever.openCandidate('Maya Chen');
  const download = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Export all that is held about this candidate' }).click();
  const held = readFileSync(await (await download).path(), 'utf8');
  expect(JSON.parse(held).held.invites[0].candidate_email).toBe('maya@mail.example');
  await again.page.goto(page.url());
  await expect(again.page.getByRole('button', { name: 'Export all that is held about this candidate' })).toHaveCount(0);
  for (const person of [priya, again]) {
    expect(person.complaints).toEqual([]);
    await person.leave();
  }
});
