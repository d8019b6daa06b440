// What a person does in the stand-in Lever, by role and name only.
import { expect, Locator, Page } from '@playwright/test';

export class Lever {
  constructor(
    private readonly page: Page,
    private readonly url: string,
  ) {}

  async switchTo(person: string) {
    await this.page.goto(this.url);
    const chooser = this.page.getByLabel('Signed in as');
    const option = chooser.getByRole('option', { name: new RegExp(person) });
    await chooser.selectOption((await option.getAttribute('value')) ?? '');
    await this.submit(this.page.getByRole('button', { name: 'Switch', exact: true }));
  }

  async addStage(name: string) {
    await this.page.goto(`${this.url}/settings/pipeline`);
    const customize = this.page.getByRole('link', { name: 'Customize' });
    if (await customize.isVisible()) await customize.click();
    const form = this.page.getByText('+ Add stage', { exact: true });
    if (await form.isVisible()) await form.click();
    await this.page.getByLabel('Stage name').first().fill(name);
    await this.page.getByLabel('Stage used for interviews').first().check();
    await this.submit(this.page.getByRole('button', { name: 'Save stage' }).first());
    await expect(this.page.getByText(name).first()).toBeVisible();
  }

  /** Adds the webhook by hand and presses Verify Connection; answers the signature token. */
  async addWebhook(url: string): Promise<string> {
    await this.page.goto(`${this.url}/settings/integrations/webhooks`);
    const toggle = this.page.getByLabel('Candidate Stage Change', { exact: true });
    if (!(await toggle.isChecked())) {
      await toggle.check();
      await this.submit(toggle.locator('xpath=ancestor::form').getByRole('button', { name: 'Save' }));
    }
    const open = this.page.getByText('+ Add webhook', { exact: true }).first();
    if (await open.isVisible()) await open.click();
    await this.page.getByRole('textbox', { name: 'Webhook URL', exact: true }).first().fill(url);
    await this.submit(this.page.getByRole('button', { name: 'Save webhook' }).first());
    return this.page.getByRole('textbox', { name: 'Signature token', exact: true }).first().inputValue();
  }

  async verifyConnection() {
    await this.page.goto(`${this.url}/settings/integrations/webhooks`);
    await this.submit(this.page.getByRole('button', { name: 'Verify Connection' }).first());
    await expect(this.page.getByText('Verified', { exact: true }).first()).toBeVisible();
  }

  async addCandidate(name: string, email: string, job: string) {
    await this.page.goto(this.url);
    await this.page.getByRole('link', { name: 'Add candidate' }).click();
    await this.page.getByLabel('Name', { exact: true }).fill(name);
    await this.page.getByLabel('E-mail').fill(email);
    const jobs = this.page.getByLabel('Job');
    const option = jobs.getByRole('option', { name: new RegExp(`^${job}`) }).first();
    await jobs.selectOption((await option.getAttribute('value')) ?? '');
    await this.submit(this.page.getByRole('button', { name: 'Add candidate' }));
    await expect(this.page.getByRole('heading', { name })).toBeVisible();
  }

  async openCandidate(name: string) {
    await this.page.goto(this.url);
    await this.page.getByRole('link', { name }).first().click();
    await expect(this.page.getByRole('heading', { name })).toBeVisible();
  }

  async moveTo(stage: string) {
    await this.page.getByLabel('Stage', { exact: true }).selectOption({ label: stage });
    await this.submit(this.page.getByRole('button', { name: 'Move' }));
  }

  /** Of the candidate whose page is open. */
  async anonymize() {
    await this.submit(this.page.getByRole('button', { name: 'Anonymize' }));
  }

  async openNotes(name: string) {
    await this.openCandidate(name);
    await this.page.getByRole('link', { name: 'Notes' }).click();
  }

  async acceptConsent(person: string) {
    const logIn = this.page.getByRole('button', { name: new RegExp(`Log in as ${person}`) });
    const accept = this.page.getByRole('button', { name: 'Accept' });
    await expect(logIn.or(accept).first()).toBeVisible();
    if (await logIn.isVisible()) await this.submit(logIn);
    await this.submit(accept);
  }

  async revokeAccess() {
    await this.page.goto(`${this.url}/settings/authorized-apps`);
    await this.submit(this.page.getByRole('button', { name: 'Revoke Access' }));
  }

  /** Presses a button of a form and waits for the page that answers it, so that the next step cannot cut it off. */
  private async submit(button: Locator) {
    const answered = this.page.waitForEvent('domcontentloaded');
    await button.click();
    await answered;
  }
}
