//! What the steps share: going on without a page load, the fields a form carries along, the foot.

use leptos::prelude::*;
use leptos_router::{NavigateOptions, hooks::use_navigate};

use super::{
    Phase,
    query::{Step, Wizard},
    view::StepView,
};
use crate::{
    text,
    ui::{Button, ButtonKind, ButtonLink, Notice, Tone},
};

/// Replaces the address, where the page lives: the sentence, the warnings and the list follow it.
pub fn replace_address() -> impl Fn(&Wizard) + Clone + Send + Sync + 'static {
    let navigate = use_navigate();
    move |wizard: &Wizard| {
        navigate(&wizard.href(), NavigateOptions { replace: true, scroll: false, ..NavigateOptions::default() });
    }
}

/// Moves the focus to the question of a step that replaced another.
pub fn focus_new_step(phase: Memo<Phase>) {
    Effect::new(move |before: Option<Phase>| {
        let now = phase.get();
        if before.is_some_and(|before| before != now && before != Phase::Loading) {
            request_animation_frame(focus_question);
        }
        now
    });
}

fn focus_question() {
    #[cfg(feature = "hydrate")]
    crate::ui::focus_first("#step-question");
}

/// The choices of other steps, so that this step's form keeps them.
#[component]
pub fn Carried(wizard: Memo<Wizard>, step: Step) -> impl IntoView {
    move || {
        let field = |(name, value): (&'static str, String)| view! { <input type="hidden" name=name value=value/> };
        wizard.with(|wizard| wizard.carried(step)).into_iter().map(field).collect_view()
    }
}

/// Back, and Next: the button that submits the step's form.
#[component]
pub fn Foot(
    /// Where Back leads.
    #[prop(into)]
    back: Signal<String>,
    /// The words of Back.
    #[prop(default = "Back")]
    back_label: &'static str,
    /// The step that Next asks for; none where Next posts.
    #[prop(optional)]
    next: Option<Step>,
    /// The form's answer is awaited.
    #[prop(optional, into)]
    pending: Signal<bool>,
) -> impl IntoView {
    let (name, value) = (next.map_or("", |_| "step"), next.map_or("", Step::slug));
    view! {
        <div class="wizard-foot">
            <ButtonLink href=back>{back_label}</ButtonLink>
            <Button kind=ButtonKind::Primary name=name value=value pending>"Next"</Button>
        </div>
    }
}

/// Why the step is shown again.
#[component]
pub fn HitchNotice(view: Memo<StepView>) -> impl IntoView {
    let hitch = Memo::new(move |_| view.with(|view| view.hitch));
    move || {
        hitch.get().map(|hitch| {
            let words = text::attach::hitch(hitch);
            view! {
                <Notice tone=Tone::Danger title=words.what>
                    <p>{words.next}</p>
                    {words.link.map(|(href, label)| view! { <p><a href=href>{label}</a></p> })}
                </Notice>
            }
        })
    }
}
