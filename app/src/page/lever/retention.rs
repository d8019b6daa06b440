//! For how long candidates are kept: the organization's choice.

use leptos::{either::Either, form::ActionForm, prelude::*};

use super::{server::ChooseRetention, view::LeverView};
use crate::{
    page::integrations::{Failure, problem_of},
    ui::{Button, Choice, Select},
};

/// What there is to choose beside keeping them until Lever erases them.
const MONTHS: [u32; 5] = [3, 6, 12, 24, 36];

const HINT: &str =
    "Choosing a shorter time erases candidates who are over it, some hundred an hour. It cannot be taken back.";

/// What stands, what it means, and the choice.
#[component]
pub fn Retention(view: Memo<LeverView>, choose: ServerAction<ChooseRetention>) -> impl IntoView {
    let kept = Memo::new(move |_| view.with(|view| view.kept_months));
    let may = Memo::new(move |_| view.with(|view| view.may_connect));
    let form = move || match may.get() {
        true => Either::Left(view! { <Form kept choose/> }),
        false => Either::Right(view! { <p class="hint">"A Super Admin can change this."</p> }),
    };
    view! {
        <section class="panel" id="retention" aria-labelledby="retention-title">
            <h2 id="retention-title">"How long candidates are kept"</h2>
            <p><strong>{move || in_words(kept.get())}</strong></p>
            <p>"Whoever is anonymised or deleted in Lever is erased here in any case, together with our note there, and Canditech is asked to forget them."</p>
            <p>"Once the time that is chosen here is over, names, addresses, links and comments are erased here, and Canditech is asked to forget the candidate. Our note stays in Lever: it is Lever\u{2019}s record. Scores and verdicts stay here without a name. A candidate with anything still open is kept."</p>
            {form}
            <Failure problem=problem_of(choose)/>
        </section>
    }
}

#[component]
fn Form(kept: Memo<Option<u32>>, choose: ServerAction<ChooseRetention>) -> impl IntoView {
    move || {
        let chosen = kept.get().unwrap_or_default().to_string();
        let never = Choice::new("0", "until they are erased in Lever");
        let months = MONTHS.map(|months| Choice::new(months.to_string(), format!("{months} months")));
        let choices = std::iter::once(never).chain(months).collect();
        view! {
            <ActionForm action=choose attr:class="form">
                <Select label="Keep candidates" name="months" choices selected=chosen hint=HINT/>
                <Button pending=choose.pending()>"Save how long"</Button>
            </ActionForm>
        }
    }
}

fn in_words(kept: Option<u32>) -> String {
    match kept {
        None => "Candidates are kept until they are erased in Lever.".to_owned(),
        Some(months) => {
            format!("Candidates are kept for {months} months after the last change of what is at an end.")
        }
    }
}
