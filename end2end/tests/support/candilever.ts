// What a person does in Candilever, by role and name only.
import { expect, Page } from '@playwright/test';
import { Lever } from './lever';
import { Stack } from './stack';

/** The organization-level key of the stand-in Canditech. */
export const KEY = 'ctk_demo_org_key';
/** A key that lists assessments but may not send them. */
export const LIST_ONLY_KEY = 'ctk_demo_list_only';
export const SUCCESS = 'Your assessment has successfully been attached to your Lever pipeline stage.';

export class Candilever {
  constructor(
    readonly page: Page,
    private readonly stack: Stack,
  ) {}

  async signIn() {
    await this.page.goto(this.stack.signInLink);
  }

  async openLeverPage() {
    await this.page.goto(`${this.stack.candilever}/settings/integrations`);
    await this.page.getByRole('main').getByRole('link', { name: /Lever/ }).first().click();
    await expect(this.page.getByRole('heading', { name: 'Lever', level: 1 })).toBeVisible();
  }

  async connect(person = 'Nora Lindqvist') {
    await this.openLeverPage();
    await this.page.getByRole('button', { name: 'Connect', exact: true }).first().click();
    await new Lever(this.page, this.stack.lever).acceptConsent(person);
    await this.page.waitForURL(/\/settings\/integrations\/lever/);
  }

  async saveCanditech(key = KEY) {
    await this.page.goto(`${this.stack.candilever}/settings/integrations/canditech`);
    await this.page.getByRole('textbox', { name: 'Base URL', exact: true }).fill(`${this.stack.canditech}/api`);
    await this.page.getByLabel('API key', { exact: true }).fill(key);
    await this.page.getByRole('button', { name: 'Save and test' }).click();
  }

  /** Hands the callback secret to the stand-in Canditech, as the page says. */
  async handOverCallbackSecret() {
    await this.page.goto(`${this.stack.candilever}/settings/integrations/canditech`);
    const secret = await this.page.getByRole('textbox', { name: 'Callback secret', exact: true }).inputValue();
    await this.page.goto(`${this.stack.canditech}/settings/callbacks`);
    await this.page.getByRole('textbox', { name: 'Callback secret', exact: true }).fill(secret);
    await this.page.getByRole('button', { name: 'Save' }).first().click();
  }

  async attach(position: string, stage: string, assessment: string) {
    await this.openLeverPage();
    await this.page.getByRole('link', { name: 'Attach Assessment to Stage' }).first().click();
    await this.choose(position);
    await this.choose(stage);
    await this.choose(assessment);
    await expect(this.page.getByText(SUCCESS)).toBeVisible();
  }

  async choose(option: string) {
    await this.page.getByRole('radio', { name: new RegExp(`^${escape(option)}`) }).first().check();
    await this.page.getByRole('button', { name: 'Next' }).click();
  }

  async openCandidates() {
    await this.page.goto(`${this.stack.candilever}/candidates`);
  }

  row(name: string) {
    return this.page.getByRole('row').filter({ hasText: name });
  }

  /** Waits until the candidate's row under Candidates says this. */
  async waitForRow(name: string, text: string | RegExp) {
    await expect(async () => {
      await this.openCandidates();
      await expect(this.row(name)).toContainText(text, { timeout: 500 });
    }).toPass();
  }

  async pauseTheAttachment() {
    await this.openLeverPage();
    await this.page.getByRole('button', { name: 'Pause' }).click();
    await expect(this.page.getByText('Paused', { exact: true }).first()).toBeVisible();
  }

  /** Gives the verdict on a candidate's page and waits until it is kept. */
  async give(verdict: 'Thumbs up' | 'Thumbs down') {
    await this.page.getByRole('button', { name: verdict }).first().click();
    const act = this.page.getByRole('region', { name: 'Verdict' }).getByText(`${verdict} by`);
    await expect(act.first()).toBeVisible();
  }

  /** Makes an invitation of the organization; answers its link. */
  async invite(email: string, role: string): Promise<string> {
    await this.page.goto(`${this.stack.candilever}/settings/team`);
    await this.page.getByLabel('E-mail').fill(email);
    await this.page.getByLabel('Role', { exact: true }).selectOption({ label: role });
    await this.page.getByRole('button', { name: 'Make an invitation' }).click();
    const link = this.page.getByLabel(`Link for ${email}`);
    await expect(link).toBeVisible();
    await expect(this.page.getByLabel('E-mail')).toHaveValue('');
    return link.inputValue();
  }

  async openCandidate(name: string) {
    await this.openCandidates();
    await this.page.getByRole('link', { name }).first().click();
    await expect(this.page.getByRole('heading', { name, level: 1 })).toBeVisible();
  }
}

function escape(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
