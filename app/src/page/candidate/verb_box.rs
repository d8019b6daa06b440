//! The actions: a button for each thing that can be done, then those that cannot, by the reason. What takes
//! something away asks at an address of its own, so that it works without JavaScript.

use leptos::{either::Either, form::ActionForm, prelude::*};
use leptos_router::hooks::use_query_map;

use super::{
    server::CandidateView,
    verb::{ActOnInvite, Standing, Verb, VerbView},
};
use crate::{
    route, text,
    ui::{Button, ButtonKind, ButtonLink, Field, ProblemNotice, Tone},
};

const DAYS: &str = "7";

/// What every form of the box needs.
#[derive(Clone, Copy)]
struct Desk {
    view: Memo<CandidateView>,
    action: ServerAction<ActOnInvite>,
    id: StoredValue<String>,
}

/// The actions of this invite.
#[component]
pub fn VerbBox(view: Memo<CandidateView>, given: WriteSignal<u32>) -> impl IntoView {
    let id = view.with_untracked(|view| view.row.id.clone());
    let action = ServerAction::<ActOnInvite>::new();
    super::count_answers(action.version(), given);
    let own = id.clone();
    let problem = Memo::new(move |_| match action.value().get() {
        Some(Err(problem)) if problem.is_of(&own) => Some(problem.problem),
        Some(_) | None => None,
    });
    let verbs = Memo::new(move |_| view.with(|view| view.verbs.clone()));
    let desk = Desk { view, action, id: StoredValue::new(id) };
    let lines = move || {
        let (buttons, refusals) = lines(&verbs.get());
        let buttons = buttons.into_iter().map(|verb| view! { <Possible verb desk/> }).collect_view();
        let refusals = refusals.into_iter().map(|(why, words)| view! { <Off words hint=why/> }).collect_view();
        (buttons, refusals)
    };
    view! {
        <section class="panel" aria-labelledby="verbs-title">
            <h2 id="verbs-title">{text::verb::TITLE}</h2>
            <ul class="verbs">{lines}</ul>
            {move || problem.get().map(|problem| view! { <ProblemNotice problem/> })}
            <Question desk verbs/>
        </section>
    }
}

/// What can be done, and, by the reason, what cannot.
fn lines(verbs: &[VerbView]) -> (Vec<Verb>, Vec<(&'static str, String)>) {
    let (mut possible, mut refusals) = (Vec::new(), Vec::<(&'static str, String)>::new());
    for &VerbView { verb, standing } in verbs {
        let why = match standing {
            Standing::Possible => {
                possible.push(verb);
                continue;
            }
            Standing::UnderWay => text::verb::UNDER_WAY,
            Standing::Not(why) => text::verb::why(why),
        };
        let word = text::verb::word(verb);
        match refusals.iter_mut().find(|(known, _)| *known == why) {
            Some((_, words)) => *words = format!("{words}, {word}"),
            None => refusals.push((why, word.to_owned())),
        }
    }
    (possible, refusals)
}

#[component]
fn Possible(verb: Verb, desk: Desk) -> impl IntoView {
    let control = match verb {
        Verb::Resend | Verb::Extend => Either::Left(view! { <AtOnce verb desk/> }),
        Verb::Cancel | Verb::Retake | Verb::CorrectEmail => Either::Right(view! { <Asks verb desk/> }),
    };
    view! {
        <li>
            {control}
            <span class="hint">{text::verb::does(verb)}</span>
        </li>
    }
}

#[component]
fn Off(words: String, hint: &'static str) -> impl IntoView {
    view! {
        <li>
            <span class="verb-off">{words}</span>
            <span class="hint">{hint}</span>
        </li>
    }
}

/// A form that needs no question.
#[component]
fn AtOnce(verb: Verb, desk: Desk) -> impl IntoView {
    let days = (verb == Verb::Extend).then(|| {
        view! {
            <label for="days">{text::verb::DAYS}</label>
            <input id="days" name="days" type="number" min="1" max="365" required value=DAYS/>
        }
    });
    view! {
        <ActionForm action=desk.action attr:class="row">
            <Hidden verb desk/>
            {days}
            <Button pending=desk.action.pending()>{text::verb::word(verb)}</Button>
        </ActionForm>
    }
}

/// What says which invite is meant, and how the person saw it.
#[component]
fn Hidden(verb: Verb, desk: Desk) -> impl IntoView {
    let version = move || desk.view.with(|view| view.row.version.to_string());
    view! {
        <input type="hidden" name="invite" value=desk.id.get_value()/>
        <input type="hidden" name="version" value=version/>
        <input type="hidden" name="verb" value=verb.slug()/>
    }
}

/// The link to the question.
#[component]
fn Asks(verb: Verb, desk: Desk) -> impl IntoView {
    let href = format!("{}?ask={}#ask", route::candidate(&desk.id.get_value()), verb.slug());
    view! { <ButtonLink href>{text::verb::word(verb)}</ButtonLink> }
}

/// The question, while it can still be answered with yes.
#[component]
fn Question(desk: Desk, verbs: Memo<Vec<VerbView>>) -> impl IntoView {
    let query = use_query_map();
    let asked = Memo::new(move |_| {
        let verb = query.with(|query| query.get("ask")).and_then(|slug| Verb::parse(&slug))?;
        let possible = VerbView { verb, standing: Standing::Possible };
        verbs.with(|verbs| verbs.contains(&possible)).then_some(verb)
    });
    move || asked.get().map(|verb| view! { <Confirm verb desk/> })
}

#[component]
fn Confirm(verb: Verb, desk: Desk) -> impl IntoView {
    let page = route::candidate(&desk.id.get_value());
    let email = (verb == Verb::CorrectEmail).then(|| {
        let value = desk.view.with_untracked(|view| view.email.clone()).unwrap_or_default();
        view! { <Field label=text::verb::EMAIL name="email" kind="email" value=value required=true/> }
    });
    let (kind, tone) = match verb {
        Verb::Cancel => (ButtonKind::Danger, Tone::Danger),
        Verb::Resend | Verb::Extend | Verb::Retake | Verb::CorrectEmail => (ButtonKind::Primary, Tone::Neutral),
    };
    view! {
        <div class="question" data-tone=tone.word() id="ask">
            <h3>{text::verb::question(verb)}</h3>
            <p>{move || desk.view.with(|view| text::verb::follows(verb, view.row.state))}</p>
            <ActionForm action=desk.action attr:class="form">
                <Hidden verb desk/>
                {email}
                <div class="row">
                    <Button kind pending=desk.action.pending()>{text::verb::word(verb)}</Button>
                    <ButtonLink href=page kind=ButtonKind::Quiet>{text::verb::KEEP}</ButtonLink>
                </div>
            </ActionForm>
        </div>
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::page::candidate::verb::Why;

    #[test]
    fn what_can_be_done_comes_first_and_one_reason_is_said_once() {
        let view = |verb, standing| VerbView { verb, standing };
        let over = Standing::Not(Why::Over);
        let verbs = [
            view(Verb::Resend, over),
            view(Verb::Extend, Standing::UnderWay),
            view(Verb::Cancel, over),
            view(Verb::Retake, Standing::Possible),
        ];
        let (possible, refusals) = lines(&verbs);
        assert_eq!(possible, [Verb::Retake]);
        let expected = [("It is over.", "Resend, Cancel".to_owned()), (text::verb::UNDER_WAY, "Extend".to_owned())];
        assert_eq!(refusals, expected);
    }
}
