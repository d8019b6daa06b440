//! The filter's controls: a form that works as it is, and links that turn one part over.

use leptos::prelude::*;
use leptos_router::components::Form;

use super::{
    filter::{Filter, Toggle},
    server::Position,
};
use crate::{
    problem::Problem,
    route, text,
    ui::{Choice, Glyph, Icon, InviteState, Select},
};

/// Search, status, position, and the chips.
#[component]
pub fn Filters(filter: Memo<Filter>, positions: Resource<Result<Vec<Position>, Problem>>) -> impl IntoView {
    view! {
        <div class="filters">
            {move || view! { <FilterForm filter=filter.get() positions/> }}
            <ul class="chips" aria-label=text::candidates::CHIPS>
                {Toggle::ALL.map(|toggle| view! { <Chip filter toggle/> }).into_iter().collect_view()}
                <li>
                    <a class="chip" href=route::CANDIDATES hidden=move || filter.with(Filter::is_open)>
                        <Glyph icon=Icon::Cross/>
                        <span>{text::candidates::CLEAR}</span>
                    </a>
                </li>
            </ul>
        </div>
    }
}

#[component]
fn Chip(filter: Memo<Filter>, toggle: Toggle) -> impl IntoView {
    let is_on = move || filter.with(|filter| filter.has(toggle));
    view! {
        <li>
            <a
                class="chip"
                href=move || filter.with(|filter| filter.turned(toggle).address())
                aria-current=move || is_on().then_some("true")
            >
                <span class="chip-check" hidden=move || !is_on()>
                    <Glyph icon=Icon::Check/>
                </span>
                <span>{text::candidates::toggle(toggle)}</span>
            </a>
        </li>
    }
}

#[component]
fn FilterForm(filter: Filter, positions: Resource<Result<Vec<Position>, Problem>>) -> impl IntoView {
    let kept = Toggle::ALL.into_iter().filter(|toggle| filter.has(*toggle));
    let kept = kept.map(|toggle| view! { <input type="hidden" name=toggle.slug() value="1"/> }).collect_view();
    let state = filter.state.map(InviteState::slug).unwrap_or_default();
    let position = StoredValue::new(filter.position.unwrap_or_default());
    view! {
        <Form action=route::CANDIDATES attr:class="filter-form" attr:role="search" on:change=move |event| submit_form(&event)>
            <div class="field filter-search">
                <label for="q">{text::candidates::SEARCH}</label>
                <input id="q" type="search" name="q" value=filter.name.unwrap_or_default() data-search=""/>
            </div>
            <Select label=text::candidates::STATUS name="state" choices=state_choices() selected=state/>
            <Transition>
                {move || {
                    let known = positions.get().and_then(Result::ok).unwrap_or_default();
                    let choices = position_choices(known);
                    view! { <Select label=text::candidates::POSITION name="position" choices selected=position.get_value()/> }
                }}
            </Transition>
            {kept}
            <button class="button" type="submit" data-kind="secondary">{text::candidates::FILTER}</button>
        </Form>
    }
}

fn state_choices() -> Vec<Choice> {
    let all = Choice::new("", text::candidates::ANY_STATUS);
    let states = InviteState::ALL.into_iter().map(|state| Choice::new(state.slug(), state.word()));
    std::iter::once(all).chain(states).collect()
}

fn position_choices(positions: Vec<Position>) -> Vec<Choice> {
    let all = Choice::new("", text::candidates::ANY_POSITION);
    let positions = positions.into_iter().map(|position| Choice::new(position.id, position.title));
    std::iter::once(all).chain(positions).collect()
}

/// Filters at once when a choice changes; without it, the button does.
fn submit_form(event: &leptos::ev::Event) {
    #[cfg(feature = "hydrate")]
    {
        use wasm_bindgen::JsCast;
        let target = event.target().and_then(|target| target.dyn_into::<web_sys::HtmlSelectElement>().ok());
        if let Some(form) = target.and_then(|select| select.form()) {
            // The only refusal is of a submitter that is not the form's own.
            let _submitted = form.request_submit();
        }
    }
    #[cfg(not(feature = "hydrate"))]
    let _: &leptos::ev::Event = event;
}
